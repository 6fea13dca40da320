// Between loops: batches out and in, credits, control records.
#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/base/prefetch.h"
#include "worker/acking/reasons.h"
#include "worker/batch/control.h"
#include "worker/execution/loop.h"

namespace sparse::worker {

void Loop::queue_here(Task& to, const RecordHead& head, const Cell* cells, std::size_t size) {
  Record* record = write_record(to.inbox.room(pool, size), size, head, cells);
  if (head.anchors != 0) anchor(record->anchor_list(), shared.options.index);
  to.inbox.added(size);
  came_in(to, head.source);
  if (head.reserved != 0) {
    cycle_bytes_ += size;
  } else if (!to.inbox_full && (to.inbox.records() >= to.window.size() || to.inbox.bytes() >= kWindowBytes)) {
    to.inbox_full = true;
    block(to.id);
  }
}

void Loop::send(const Target& to, const RecordHead& head, const Cell* cells, std::size_t size) {
  Link& link = *out_[to.link];
  BatchPtr& batch = link.open_data;
  if (batch && (batch->used + size > batch->capacity || batch->count >= kBatchRecords)) {
    link.send_data(std::exchange(batch, nullptr));
    link.push();
    shared.sleepers[std::min(to.link, shared.loop_count())].wake();
  }
  if (!batch) {
    while (BatchPtr returned = link.pop_returned()) pool.give(std::move(returned));
    batch = pool.take(size);
    batch->opened = now;
    for (std::size_t at = 0; at < kPrefetchAhead; at += kCacheLine) prefetch_to_write(batch->data() + at);
  }
  char* const at = batch->data() + batch->used;
  prefetch_to_write(at + kPrefetchAhead);
  Record* record = write_record(at, size, head, cells);
  std::uint16_t target_worker = shared.options.index;
  if (to.link >= shared.loop_count()) {
    target_worker = shared.plan.worker_of(to.id);
    record->attempt = attempt_of(shared.options.index);
    record->target_attempt = attempt_of(target_worker);
  }
  if (head.anchors != 0) anchor(record->anchor_list(), target_worker);
  batch->used += static_cast<std::uint32_t>(size);
  ++batch->count;
  Credit& credit = credits_[to.id];
  ++credit.sent;
  credit.sent_bytes += size;
  if (to.closes_cycle || credit.blocked || !credit.used_up()) return;
  credit.look();
  if (!credit.used_up()) return;
  credit.blocked = true;
  blocked_.push_back(to.id);
  block(to.id);
}

bool Loop::cycle_is_full(const Target& target) const {
  return target.task ? target.task->inbox.bytes() > kCycleBytesMax : credits_[target.id].bytes_under_way() > kCycleBytesMax;
}

void Loop::block(TaskId full) {
  for (Task* sender : senders_[full]) sender->hot.gate += kBlocked;
}

void Loop::unblock(TaskId full) {
  for (Task* sender : senders_[full]) sender->hot.gate -= kBlocked;
}

void Loop::check_credits() {
  for (std::size_t i = 0; i < blocked_.size();) {
    Credit& credit = credits_[blocked_[i]];
    credit.look();
    if (credit.refilled()) {
      credit.blocked = false;
      unblock(blocked_[i]);
      blocked_[i] = blocked_.back();
      blocked_.pop_back();
    } else {
      ++i;
    }
  }
}

bool Loop::credit_came() {
  const std::size_t before = blocked_.size();
  check_credits();
  const bool pressure_changed = cycle_pressed_ && update_cycle_pressure();
  return blocked_.size() != before || pressure_changed;
}

bool Loop::push_waiting() {
  bool any = false;
  for (std::uint32_t i = 0; i < out_.size(); ++i)
    if (out_[i] && out_[i]->has_waiting() && out_[i]->push()) {
      shared.sleepers[std::min(i, shared.loop_count())].wake();
      any = true;
    }
  return any;
}

void Loop::announce_credits() {
  if (announce_.empty()) return;
  std::erase_if(announce_, [&](const auto& entry) {
    CreditLine& line = *entry.first->lines[entry.second];
    const std::uint64_t taken = line.taken.load(std::memory_order_relaxed);
    const bool idle = entry.first->inbox.empty();
    if (!idle && taken - line.announced < entry.first->window.size() / 4) return false;
    line.announced = taken;
    line.to_announce = false;
    CreditRecord record;
    record.target = entry.first->id;
    record.source_loop = entry.second;
    record.taken = taken;
    record.taken_bytes = line.taken_bytes.load(std::memory_order_relaxed);
    record.window = entry.first->window.size();
    append_control(link_to(entry.second), &record, sizeof record);
    return true;
  });
}

/// For a control record of `whole` bytes, a multiple of 8, which is written there at once.
char* Loop::control_room(std::uint32_t to, std::size_t whole) {
  Link& link = *out_[to];
  BatchPtr& batch = link.open_control;
  if (batch && (batch->used + whole > batch->capacity || batch->count >= kBatchRecords)) {
    link.send_control(std::exchange(batch, nullptr));
    link.push();
    shared.sleepers[std::min(to, shared.loop_count())].wake();
  }
  if (!batch) {
    while (BatchPtr returned = link.pop_returned()) pool.give(std::move(returned));
    batch = pool.take(whole);
    batch->opened = now;
  }
  char* const at = batch->data() + batch->used;
  prefetch_to_write(at + kPrefetchAhead);
  batch->used += static_cast<std::uint32_t>(whole);
  ++batch->count;
  last_ack_[to] = 0;
  return at;
}

void Loop::append_control(std::uint32_t to, const void* record, std::size_t size, std::string_view tail) {
  char* const at = control_room(to, (size + tail.size() + 7) & ~std::size_t{7});
  std::memcpy(at, record, size);
  if (!tail.empty()) std::memcpy(at + size, tail.data(), tail.size());
}

void Loop::append_ack(std::uint32_t to, const Tree& tree) {
  if (Batch* batch = out_[to]->open_control.get(); batch && last_ack_[to] != 0) {
    auto* last = reinterpret_cast<AckRecord*>(batch->data() + last_ack_[to] - 1);
    if (last->root == tree.root) {
      last->edges ^= tree.edges;
      last->reach |= tree.reach;
      return;
    }
  }
  auto* const record = new (control_room(to, sizeof(AckRecord))) AckRecord;
  record->root = tree.root;
  record->edges = tree.edges;
  record->reach = tree.reach;
  last_ack_[to] = out_[to]->open_control->used - static_cast<std::uint32_t>(sizeof(AckRecord)) + 1;
}

bool Loop::drain_links() {
  bool any = false;
  for (std::uint32_t from = 0; from < in_.size(); ++from) {
    Link* link = in_[from];
    if (!link) continue;
    bool taken = false;
    while (BatchPtr batch = link->pop_control()) {
      take_control(std::move(batch));
      taken = true;
    }
    for (int left = 4; left > 0; --left) {
      BatchPtr batch = link->pop_data();
      if (!batch) break;
      if (from < shared.loop_count()) note_transfer(*batch);
      take_batch(std::move(batch));
      taken = true;
    }
    if (taken) {
      any = true;
      shared.sleepers[from].wake_for_credit();  // it may wait for room in the ring
    }
  }
  if (any) deliver_verdicts();
  return any;
}

/// A record has been put at the end of the inbox.
void Loop::came_in(Task& to, TaskId source) {
  to.hot.gate |= kQueued;
  list(to);
  if (!to.waits.probes()) to.waits.probe(shared.plan.component_of[source], to.inbox.records(), now);
}

void Loop::note_transfer(const Batch& batch) {
  const Record& first = *reinterpret_cast<const Record*>(batch.data());
  if (Task* to = here_[first.target]) to->waits.transferred(shared.plan.component_of[first.source], now - batch.opened);
}

void Loop::take_batch(BatchPtr batch) {
  begin_step();
  for (std::size_t at = 0; at < std::min<std::size_t>(kPrefetchAhead, batch->used); at += kCacheLine)
    prefetch_to_read(batch->data() + at);
  for (std::uint32_t at = 0; at < batch->used;) {
    Record& record = *reinterpret_cast<Record*>(batch->data() + at);
    prefetch_to_read(batch->data() + at + kPrefetchAhead);
    at += record.size;
    Task* to = record.target < here_.size() ? here_[record.target] : nullptr;
    if (!to) continue;  // the port has checked this
    if (to->hot.gate == 0 && !step_over()) {
      if (to->idle_epoch != idle_epoch_) {
        to->idle_epoch = idle_epoch_;
        to->window.idle(now);
      }
      dispatch(*to, record);
    } else {
      to->inbox.copy_in(pool, record);
      came_in(*to, record.source);
    }
  }
  give(std::move(batch));
}

void Loop::give(BatchPtr batch) {
  if (batch->owner == index) return pool.give(std::move(batch));
  Link* home = in_[batch->owner];
  if (!home || !home->give_back(batch)) pool.release(std::move(batch));
}

void Loop::take_control(BatchPtr batch) {
  for (std::uint32_t at = 0; at < batch->used;) {
    const char* record = batch->data() + at;
    prefetch_to_read(record + kPrefetchAhead);
    const auto& header = *reinterpret_cast<const ControlHeader*>(record);
    at += header.size;
    switch (header.kind) {
      case ControlKind::ack: {
        const auto& ack = *reinterpret_cast<const AckRecord*>(record);
        settle({ack.root, ack.edges, ack.reach}, false, {});
        break;
      }
      case ControlKind::fail: {
        const auto& fail = *reinterpret_cast<const FailRecord*>(record);
        settle({fail.root, 0, fail.reach}, true, {record + sizeof fail, fail.length});
        break;
      }
      case ControlKind::credit: {
        const auto& credit = *reinterpret_cast<const CreditRecord*>(record);
        if (credit.target >= credits_.size() || !credits_[credit.target].line || here_[credit.target]) break;
        CreditLine& mirror = *credits_[credit.target].line;
        mirror.taken.store(credit.taken, std::memory_order_relaxed);
        mirror.taken_bytes.store(credit.taken_bytes, std::memory_order_relaxed);
        mirror.window.store(std::clamp(credit.window, kWindowMin, kWindowMax), std::memory_order_relaxed);
        break;
      }
      case ControlKind::peer_attempt: on_peer_attempt(*reinterpret_cast<const PeerAttemptRecord*>(record)); break;
    }
  }
  give(std::move(batch));
}

void Loop::on_peer_attempt(const PeerAttemptRecord& record) {
  const auto worker = static_cast<std::uint16_t>(record.worker);
  if (record.attempt != 0) peer_attempts_[worker] = static_cast<std::uint16_t>(record.attempt);
  if (record.before == 0) return;
  std::vector<AckLedger::Verdict> verdicts;
  for (Task* spout : spouts_) {
    spout->ledger.lose_worker(worker, now, verdicts);
    for (const AckLedger::Verdict& verdict : verdicts)
      settle_spout(*spout, verdict, "worker " + std::to_string(worker) + std::string(kLostReason));
    verdicts.clear();
  }
  Link& link = *out_[shared.loop_count() + worker];
  for (BatchPtr& batch : link.take_waiting_data()) pool.give(std::move(batch));
  if (link.open_data) pool.give(std::exchange(link.open_data, nullptr));
  // What was sent to its former life is gone, and what that life had sent does not count for the new one.
  for (TaskId task = 1; task < credits_.size(); ++task) {
    if (shared.plan.worker_of(task) != worker || !credits_[task].line) continue;
    credits_[task].sent = credits_[task].sent_bytes = 0;
    credits_[task].line->taken.store(0);
    credits_[task].line->taken_bytes.store(0);
    credits_[task].line->window.store(kWindowFirst);
    credits_[task].limit = credits_[task].limit_bytes = 0;
  }
  for (auto& task : tasks)
    for (std::uint32_t loop = worker * shared.loop_count(); loop < (worker + 1u) * shared.loop_count(); ++loop)
      if (CreditLine* line = task->lines[loop].get()) {
        line->taken.store(0);
        line->taken_bytes.store(0);
        line->announced = 0;
      }
  check_credits();
  if (record.attempt != 0) resend_ends(worker);
}

bool Loop::flush(Nanoseconds opened_before) {
  bool any = false;
  for (std::uint32_t i = 0; i < out_.size(); ++i) {
    Link* link = out_[i];
    if (!link) continue;
    if (link->open_data && (link->open_data->opened <= opened_before || !blocked_.empty())) {
      link->send_data(std::move(link->open_data));
      any = true;
    }
    if (link->open_control && link->open_control->opened <= opened_before) {
      link->send_control(std::move(link->open_control));
      last_ack_[i] = 0;
      any = true;
    }
  }
  push_waiting();
  return any;
}

}  // namespace sparse::worker
