// What a loop tells of its tasks.
#include "worker/execution/loop.h"

namespace sparse::worker {

TaskStats stats_of(const Task& task) {
  const TaskCounters& counters = task.counters;
  TaskStats stats;
  stats.task = task.id;
  stats.component = task.component;
  for (const OutStream& stream : task.streams) {
    stats.emitted += stream.emitted;
    for (const Edge& edge : stream.edges)
      for (const Target& target : edge.targets) stats.transferred += target.tuples;
  }
  stats.emitted += task.direct_calls() + task.unheard();
  stats.transferred += task.direct_calls();
  stats.crossed = counters.crossed;
  stats.errors = counters.errors;
  stats.loop = static_cast<std::uint16_t>(task.loop().index);
  stats.moves = counters.moves;
  stats.busy = counters.busy;
  stats.execute = counters.execute;
  stats.waits = task.waits.edges();
  stats.ended = task.phase >= Task::Phase::ended;
  stats.queue = task.inbox.records();
  stats.queue_bytes = task.inbox.bytes();
  if (task.is_spout()) {
    stats.acked = counters.acked;
    stats.failed = counters.failed;
    stats.timed_out = counters.timed_out;
    stats.failed_for_good = counters.failed_for_good;
    stats.pending = task.ledger.pending();
    stats.complete = counters.complete;
  } else {
    stats.executed = task.executed();
    stats.failed = counters.bolt_failed;
    stats.acked = stats.executed - std::min(stats.executed, stats.failed + task.retained + counters.unanswered);
  }
  return stats;
}

void Loop::publish_stats() {
  std::vector<TaskStats> stats;
  stats.reserve(tasks.size());
  for (const auto& task : tasks) stats.push_back(stats_of(*task));
  {
    const std::lock_guard lock(stats_mutex_);
    stats_.swap(stats);
    ++stats_version_;
    stats_wanted_.store(false, std::memory_order_relaxed);
  }
  stats_came_.notify_all();
}

void Loop::want_stats() {
  stats_wanted_.store(true);
  shared.sleepers[index].wake();
}

void Loop::append_stats(std::vector<TaskStats>& to, std::uint64_t after, Nanoseconds at_most) const {
  std::unique_lock lock(stats_mutex_);
  stats_came_.wait_for(lock, std::chrono::nanoseconds(at_most), [&] { return stats_version_ > after; });
  to.insert(to.end(), stats_.begin(), stats_.end());
}

std::uint64_t Loop::stats_version() const {
  const std::lock_guard lock(stats_mutex_);
  return stats_version_;
}

}  // namespace sparse::worker
