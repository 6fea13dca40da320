#include "worker/execution/moves.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace sparse::worker {

bool Loop::take_all() {
  bool any = false;
  for (Link* link : in_) {
    if (!link) continue;
    while (BatchPtr batch = link->pop_control()) {
      take_control(std::move(batch));
      any = true;
    }
    while (BatchPtr batch = link->pop_data()) {
      take_later(std::move(batch));
      any = true;
    }
  }
  return any || has_waiting();
}

/// Like take_batch, but nothing is executed.
void Loop::take_later(BatchPtr batch) {
  for (std::uint32_t at = 0; at < batch->used;) {
    const Record& record = *reinterpret_cast<const Record*>(batch->data() + at);
    at += record.size;
    here_[record.target]->inbox.copy_in(pool, record);
  }
  give(std::move(batch));
}

void Loop::hand_over(TaskId id, Loop& to) {
  const auto entry = std::find_if(tasks.begin(), tasks.end(), [&](const auto& task) { return task->id == id; });
  SPARSE_CHECK(entry != tasks.end());
  Task& task = **entry;
  const auto before = std::find_if(to.tasks.begin(), to.tasks.end(), [&](const auto& other) { return other->id > id; });
  to.tasks.insert(before, std::move(*entry));
  tasks.erase(entry);
  if (const int error = poller.hand_over(task, to.poller); error != 0)
    shared.give_up("component \"" + task.spec().id + "\": " + not_watched(error));
  task.inbox.set_owner(to.index);
  for (auto& [source, held] : task.held) held.inbox.set_owner(to.index);
  decltype(timers_) others;
  for (; !timers_.empty(); timers_.pop()) (timers_.top().task == &task ? to.timers_ : others).push(timers_.top());
  timers_ = std::move(others);
  task.idle_epoch = 0;
  ++task.counters.moves;
  {
    const std::scoped_lock lock(posted_mutex_, to.posted_mutex_);
    task.set_loop(to);
    const auto moving =
        std::stable_partition(posted_.begin(), posted_.end(), [&](const Posted& one) { return one.task != &task; });
    to.posted_.insert(to.posted_.end(), std::make_move_iterator(moving), std::make_move_iterator(posted_.end()));
    posted_.erase(moving, posted_.end());
    if (!to.posted_.empty()) to.has_posted_.store(true, std::memory_order_release);
  }
  shared.plan.loop_of[id] = to.global_index;
  shared.plan.placement.homes[id].loop = static_cast<std::uint16_t>(to.index);
}

void Loop::list_tasks() {
  std::fill(here_.begin(), here_.end(), nullptr);
  spouts_.clear();
  with_verdicts_.clear();
  ready_.clear();
  for (auto& task : tasks) {
    here_[task->id] = task.get();
    if (task->is_spout()) spouts_.push_back(task.get());
    if (task->has_verdicts) with_verdicts_.push_back(task.get());
    if (!task->inbox.empty()) task->hot.gate |= kQueued;
    if (task->listed || !task->inbox.empty()) {
      task->listed = true;
      ready_.push_back(task.get());
    }
    task->hot.gate &= kBlocked - 1;  // counted anew
    add_lines(*task);
  }
  blocked_.clear();
  cycle_targets_.clear();
  cycle_bytes_ = 0;
  std::fill(credits_.begin(), credits_.end(), Credit{});
  for (auto& senders : senders_) senders.clear();
}

void Loop::aim_tasks(const std::function<Task*(TaskId)>& local_task) {
  for (auto& task : tasks) {
    for (OutStream& stream : task->streams)
      for (std::size_t i = 0; i < stream.edges.size(); ++i) aim(*task, stream.edges[i], stream.plan->edges[i], local_task);
    task->set_direct(&stack_floor, &closed_gate_);
  }
}

/// What waits for a task was sent by the loops where its sources live now.
void Loop::count_credits(const std::function<Loop&(std::uint32_t)>& loop_of) {
  struct Waiting {
    std::uint64_t tuples = 0, bytes = 0;
  };
  std::vector<Waiting> from(shared.plan.loop_total());
  for (auto& owned : tasks) {
    Task& task = *owned;
    std::fill(from.begin(), from.end(), Waiting{});
    const auto count = [&](const Record& record) {
      const std::uint32_t loop = shared.plan.loop_of[record.source];
      ++from[loop].tuples;
      from[loop].bytes += record.size;
      if (record.reserved != 0 && loop == global_index) cycle_bytes_ += record.size;
    };
    task.inbox.for_each(count);
    for (auto& [source, held] : task.held) {
      held.inbox.for_each(count);
      held.blocks_source = here_[source] && (held.inbox.records() >= task.window.size() || held.inbox.bytes() >= kWindowBytes);
      if (held.blocks_source) here_[source]->hot.gate += kBlocked;
    }
    for (std::uint32_t loop = 0; loop < from.size(); ++loop) {
      CreditLine* line = task.lines[loop].get();
      if (!line || loop == global_index) continue;
      line->taken.store(0, std::memory_order_relaxed);
      line->taken_bytes.store(0, std::memory_order_relaxed);
      Loop& sender = loop_of(loop);
      Credit& credit = sender.credits_[task.id];
      if (!credit.line) continue;  // nothing that lives there emits to it any more
      credit.sent = from[loop].tuples;
      credit.sent_bytes = from[loop].bytes;
      credit.look();
      if (!credit.used_up() || sender.senders_[task.id].empty()) continue;
      credit.blocked = true;
      sender.blocked_.push_back(task.id);
      sender.block(task.id);
    }
    const bool fills = task.inbox.records() >= task.window.size() || task.inbox.bytes() >= kWindowBytes;
    const bool stays_full = task.inbox.records() > task.window.size() / 2 || task.inbox.bytes() > kWindowBytes / 2;
    task.inbox_full = fills || (task.inbox_full && stays_full);
    if (task.inbox_full) block(task.id);
  }
}

void link_loops(WorkerShared& shared, Loop& a, Loop& b) {
  if (a.index == b.index || a.is_linked(b.index)) return;
  for (const auto& [from, to] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    shared.links.push_back(std::make_unique<Link>());
    from->connect(to->index, shared.links.back().get(), nullptr);
    to->connect(from->index, nullptr, shared.links.back().get());
  }
}

void move_tasks(WorkerShared& shared, const std::vector<std::unique_ptr<Loop>>& loops, std::span<const TaskMove> moves) {
  SPARSE_CHECK(shared.plan.placement.workers == 1);
  for (const auto& loop : loops) loop->now = shared.options.clock->now();
  // Nothing is left between loops: tuples are in the inboxes, acks in the ledgers.
  for (bool any = true; any;) {
    any = false;
    for (const auto& loop : loops) any |= loop->flush_all();
    for (const auto& loop : loops) any |= loop->take_all();
  }
  for (const TaskMove& move : moves) {
    Loop &from = *loops[shared.plan.loop_of[move.task]], &to = *loops[move.to];
    if (from.index == to.index) continue;
    for (const auto& other : loops)
      if (other->index < shared.plan.placement.first_reserve() || !other->tasks.empty()) link_loops(shared, to, *other);
    from.hand_over(move.task, to);
  }
  std::vector<Task*> by_number(shared.plan.component_of.size());
  for (const auto& loop : loops)
    for (const auto& task : loop->tasks) by_number[task->id] = task.get();
  for (const auto& loop : loops) loop->list_tasks();
  for (const auto& loop : loops) loop->aim_tasks([&](TaskId task) { return by_number[task]; });
  for (const auto& loop : loops) loop->count_credits([&](std::uint32_t index) -> Loop& { return *loops[index]; });
  for (const auto& loop : loops) loop->publish_stats();
}

}  // namespace sparse::worker
