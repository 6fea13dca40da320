// Steps: a bounded number of tuples for a bolt, of `next` calls for a spout.
#include <algorithm>

#include "core/base/exception_text.h"
#include "worker/execution/emit.h"
#include "worker/execution/loop.h"

namespace sparse::worker {
namespace {

constexpr int kTuplesPerStep = 256;
constexpr int kNextsPerStep = 128;
constexpr std::int64_t kIdleMax = 64;

}  // namespace

void Loop::dispatch(Task& to, Record& record) {
  switch (record.kind) {
    case RecordKind::tuple: execute_queued(to, record); break;
    case RecordKind::end: on_input_ended(to, record.source); break;
    default: break;
  }
  return_credit(to, record);
}

void Loop::execute_queued(Task& to, Record& record) {
  if (!to.made.bolt) return misuse(to, "a tuple was sent to a spout");
  trees_.clear();
  tree_pointers_.clear();
  trees_.reserve(record.anchors);
  for (std::uint32_t i = 0; i < record.anchors; ++i) {
    trees_.push_back({record.anchor_list()[i].root, record.anchor_list()[i].edge, 0});
    tree_pointers_.push_back(&trees_.back());
  }
  Current here{tree_pointers_.data(), record.anchors, nullptr, {}};
  current = record.anchors == 0 ? nullptr : &here;
  if (to.manual_ack) {
    execute_manual(to, record, here);
  } else {
    call_bolt(*this, to, Tuple(record.cells(), record.fields, record.source, record.stream, &to));
    current = nullptr;
    for (const Tree& tree : trees_) settle(tree, here.failed, reason);
  }
  current = nullptr;
  if (to.window.executed(now, shared.plan.timeout))
    for (auto& line : to.lines)
      if (line) line->window.store(to.window.size(), std::memory_order_relaxed);
}

void Loop::execute_manual(Task& to, Record& record, Current& here) {
  ManualInput input{record.cells(), ManualInput::State::none, {}};
  to.manual = &input;
  call_bolt(*this, to, Tuple(record.cells(), record.fields, record.source, record.stream, &to));
  to.manual = nullptr;
  current = nullptr;
  switch (input.state) {
    case ManualInput::State::acked:
      for (const Tree& tree : trees_) settle(tree, here.failed, reason);
      break;
    case ManualInput::State::failed:
      if (to.failing != to.executed()) {
        to.failing = to.executed();
        ++to.counters.bolt_failed;
      }
      for (const Tree& tree : trees_) settle(tree, true, input.reason);
      break;
    case ManualInput::State::retained:
      // The copy holds the input's share; here is what was emitted after it was made.
      for (const Tree& tree : trees_)
        if (tree.edges != 0 || here.failed) settle(tree, here.failed, reason);
      break;
    case ManualInput::State::none: ++to.counters.unanswered; break;  // the tree times out
  }
}

void Loop::return_credit(Task& to, const Record& record) {
  const std::uint32_t from = shared.plan.loop_of[record.source];
  if (record.reserved != 0 && from == global_index) cycle_bytes_ -= record.size;
  if (from == global_index) return;
  CreditLine* line = to.lines[from].get();
  if (!line) return;
  const bool local = shared.is_local(from);
  // Tuples of a former life of the sender are none that its present life has sent.
  if (!local && record.attempt != peer_attempts_[from / shared.loop_count()]) return;
  // Those that were meant for a former life of this worker, and waited for it to live again, were taken off the sender's account.
  if (!local && record.target_attempt != 0 && record.target_attempt != attempt_of(shared.options.index)) return;
  line->taken_bytes.store(line->taken_bytes.load(std::memory_order_relaxed) + record.size, std::memory_order_relaxed);
  line->taken.store(line->taken.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  if (local) {
    credited_ |= std::uint64_t{1} << (from % shared.loop_count() % 64);
  } else if (!line->to_announce) {
    line->to_announce = true;
    announce_.emplace_back(&to, from);
  }
}

bool Loop::step_bolt(Task& task) {
  if (task.idle_epoch != idle_epoch_) {
    task.idle_epoch = idle_epoch_;
    task.window.idle(now);
  }
  bool any = false;
  begin_step();
  for (int left = kTuplesPerStep; left > 0 && !task.inbox.empty() && task.runs_queued() && !step_over(); --left) {
    any = true;
    Record& record = *task.inbox.front();
    if (!task.held.empty())
      if (const auto held = task.held.find(record.source); held != task.held.end()) {
        keep_held(task, held->second, record);
        task.inbox.pop(pool);
        task.waits.forget();
        continue;
      }
    task.waits.executed(now);
    dispatch(task, record);
    task.inbox.pop(pool);
  }
  if (task.inbox.empty()) task.hot.gate &= ~kQueued;
  if (task.inbox_full && task.inbox.records() <= task.window.size() / 2 && task.inbox.bytes() <= kWindowBytes / 2) {
    task.inbox_full = false;
    unblock(task.id);
  }
  deliver_verdicts();
  if (task.inbox.empty()) any |= finish_if_done(task);
  return any;
}

/// Up to `most` calls, fewer if one did not emit, or if something else has to be done between them. Counts them in `calls`.
Next Loop::call_next(Task& task, int most, int& calls) {
  Spout& spout = *task.made.spout;
  task.hot.gate |= kBusy;
  Next next = Next::idle;
  try {
    do {
      task.wake_at = 0;
      ++calls;
      next = spout.next(task);
      current = nullptr;
    } while (next == Next::emitted && --most > 0 && task.hot.gate == kBusy && task.acked_now.empty() && task.failed_now.empty() &&
             task.ledger.pending() < task.max_pending && !step_over());
  } catch (...) {
    misuse(task, "component \"" + task.spec().id + "\" threw in next: " + current_exception_text());
    next = Next::idle;
  }
  current = nullptr;
  task.hot.gate &= ~kBusy;
  return next;
}

bool Loop::step_spout(Task& task) {
  const Clock& clock = *shared.options.clock;
  const std::uint64_t acked_before = task.counters.acked;
  const Nanoseconds begun = now;  // a slow bolt that is called directly moves `now` on
  std::uint64_t elided = 0;
  bool any = false;
  begin_step();
  Next next = Next::emitted;
  for (int calls = 0; calls < kNextsPerStep && task.hot.gate == 0 && task.ledger.pending() < task.max_pending && !step_over();) {
    const int before = calls;
    next = call_next(task, kNextsPerStep - calls, calls);
    task.exhausted = next == Next::exhausted;  // before the verdicts: a failure asks it again
    elided += task.acked_now.size();
    if (!task.acked_now.empty() || !task.failed_now.empty()) deliver_verdicts(task);
    any |= next == Next::emitted || calls - before > 1;
    if (any) task.idle_ms = 1;
    if (next != Next::emitted) break;
  }
  const Nanoseconds after = clock.now(), took = after - begun;
  task.counters.busy += took;
  // Trees that never left the step are as old as their share of it.
  if (elided != 0 && shared.plan.acking)
    task.counters.complete.add(static_cast<std::uint64_t>(took) / std::max<std::uint64_t>(1, task.counters.acked - acked_before),
                               elided);
  now = after;
  if (next == Next::idle) ++task.counters.idle;
  if (next == Next::idle && task.wake_at == 0) {
    task.wake_at = now + task.idle_ms * kMillisecond;
    task.idle_ms = std::min(kIdleMax, task.idle_ms * 2);
  }
  deliver_verdicts();
  return any;
}

}  // namespace sparse::worker
