// How a run comes to its end: `end` on every channel, `finish`, and channels that are held.
#include "worker/execution/loop.h"
#include "worker/execution/task_context.h"

namespace sparse::worker {

/// Each task that `task` sends to, once; edges that close a cycle carry no `end`.
template <class F>
void Loop::for_each_channel(Task& task, F&& use) {
  std::vector<bool> seen(here_.size());
  for (OutStream& stream : task.streams)
    for (Edge& edge : stream.edges)
      for (const Target& target : edge.targets) {
        if (target.closes_cycle || seen[target.id]) continue;
        seen[target.id] = true;
        use(target);
      }
}

void Loop::on_input_ended(Task& task, TaskId source) {
  task.ended_sources.resize(here_.size());
  if (task.ended_sources[source]) return;  // told again by a new life of the source
  task.ended_sources[source] = true;
  if (++task.ended_channels >= task.channels) list(task);  // checked at the end of its step
}

bool Loop::finish_if_done(Task& task) {
  if (task.phase == Task::Phase::running) {
    if (task.is_spout()) {
      if (!(task.exhausted || task.draining) || task.ledger.pending() != 0 || task.has_verdicts) return false;
    } else {
      if (task.ended_channels < task.channels || !task.inbox.empty() || !task.held.empty()) return false;
      // A bolt that has ticks for its only input lives as long as there are spouts.
      if (task.channels == 0 && shared.spouts_ended.load() < shared.local_spouts) return false;
      if (task.retained != 0) {
        if (task.end_by == 0) task.end_by = now + (shared.plan.timeout == 0 ? 30 * kSecond : shared.plan.timeout);
        if (now < task.end_by) return false;
        misuse(task, "ends with " + std::to_string(task.retained) + " inputs that were never acked or failed");
      }
      task.end_by = 0;
      task.phase = Task::Phase::finishing;
      call_component(task, "finish", [&] { task.made.bolt->finish(task); });
    }
    task.phase = Task::Phase::finishing;
  }
  if (task.phase != Task::Phase::finishing) return false;
  if (task.end_held) {
    // What it still has to deliver was acked; so it is not given up, but waited for, aloud.
    if (task.end_by != 0 && now >= task.end_by) {
      task.context->log(Level::warn, "has not finished yet: it waits for whoever takes its last output; Ctrl-C ends the run");
      task.end_by = 0;
    }
    if (task.end_by == 0) task.end_by = now + 30 * kSecond;
    return false;
  }
  task.end_by = 0;
  end(task);
  return true;
}

void Loop::end(Task& task) {
  task.phase = Task::Phase::ended;
  for_each_channel(task, [&](const Target& target) { send_end(task, target); });
  if (task.is_spout()) shared.spouts_ended.fetch_add(1);
  if (shared.tasks_ended.fetch_add(1) + 1 < shared.local_tasks || !shared.stops_when_ended) return;
  shared.stopping.store(true);
  shared.wake_all();
}

void Loop::send_end(Task& task, const Target& target) {
  const RecordHead head{.source = task.id, .target = target.id, .kind = RecordKind::end};
  Current* const before = current;
  current = nullptr;
  if (!target.task)
    send(target, head, nullptr, sizeof(Record));
  else if (target.task->inbox.empty())
    on_input_ended(*target.task, task.id);
  else
    queue_here(*target.task, head, nullptr, sizeof(Record));
  current = before;
}

void Loop::resend_ends(std::uint32_t worker) {
  for (auto& task : tasks)
    if (task->phase == Task::Phase::ended)
      for_each_channel(*task, [&](const Target& target) {
        if (shared.plan.worker_of(target.id) == worker) send_end(*task, target);
      });
}

void Loop::hold(Task& task, TaskId source) {
  task.held.try_emplace(source);
  task.hot.gate |= kHeld;
}

void Loop::keep_held(Task& task, Held& held, const Record& record) {
  held.inbox.copy_in(pool, record);
  Task* const source = here_[record.source];  // one on another loop runs out of credit instead
  if (!source || held.blocks_source || (held.inbox.records() < task.window.size() && held.inbox.bytes() < kWindowBytes)) return;
  held.blocks_source = true;
  source->hot.gate += kBlocked;
}

void Loop::release(Task& task, TaskId source) {
  const auto held = task.held.find(source);
  if (held == task.held.end()) return;
  // All that was held is older than what this channel has in the inbox.
  task.waits.forget();
  task.inbox.prepend(std::move(held->second.inbox), pool);
  if (held->second.blocks_source) here_[source]->hot.gate -= kBlocked;
  task.held.erase(held);
  if (task.held.empty()) task.hot.gate &= ~kHeld;
  if (!task.inbox.empty()) task.hot.gate |= kQueued;
  list(task);  // also without tuples: all its inputs may have ended meanwhile
}

}  // namespace sparse::worker
