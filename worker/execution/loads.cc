#include "worker/execution/loads.h"

#include <algorithm>
#include <map>

#include "worker/execution/loop.h"

namespace sparse::worker {
namespace {

struct Calls {
  double busy = 0;    // share of a core, with what they called
  double tuples = 0;  // a second
  double each() const { return tuples > 0 ? busy / tuples : 0; }
};

double rate(std::uint64_t before, std::uint64_t after, double seconds) {
  return after > before ? static_cast<double>(after - before) / seconds : 0;
}

Calls calls_between(const TaskSample& before, const TaskSample& after, double seconds, Nanoseconds clock_cost) {
  Calls calls{.busy = static_cast<double>(after.busy - before.busy) / static_cast<double>(kSecond) / seconds,
              .tuples = rate(before.tuples, after.tuples, seconds)};
  // A spout is timed by the step, a bolt by the call.
  if (!after.is_spout) calls.busy -= calls.tuples * static_cast<double>(clock_cost) / static_cast<double>(kSecond);
  calls.busy = std::max(0.0, calls.busy);
  return calls;
}

bool same_tasks(const LoopSample& before, const LoopSample& after) {
  return before.at < after.at &&
         std::equal(
             before.tasks.begin(), before.tasks.end(), after.tasks.begin(), after.tasks.end(),
             [](const TaskSample& a, const TaskSample& b) { return a.task == b.task && a.targets.size() == b.targets.size(); });
}

double seconds_between(const LoopSample& before, const LoopSample& after) {
  return static_cast<double>(after.at - before.at) / static_cast<double>(kSecond);
}

}  // namespace

LoopSample sample_of(const Loop& loop) {
  LoopSample sample;
  sample.at = loop.shared.options.clock->now();
  sample.idle = loop.idle(sample.at);
  sample.takes_tasks = loop.index < loop.shared.plan.placement.shared_loops;
  sample.reserve = loop.index >= loop.shared.plan.placement.first_reserve();
  for (const auto& task : loop.tasks) {
    TaskSample one{.task = task->id,
                   .stays = task->spec().pinned || task->spec().blocking || task->phase != Task::Phase::running,
                   .is_spout = task->is_spout(),
                   .exhausted = task->exhausted || task->draining,
                   .idle = task->counters.idle,
                   .tuples = task->executed(),
                   .busy = task->counters.busy,
                   .targets = {}};
    if (one.is_spout) one.tuples = task->direct_calls();
    for (const OutStream& stream : task->streams) {
      if (one.is_spout) one.tuples += stream.emitted;
      for (const Edge& edge : stream.edges)
        for (const Target& target : edge.targets)
          one.targets.push_back({target.id, target.tuples, target.tuples - target.queued});
    }
    // The plugin calls the only target of the default stream by itself.
    if (task->direct_calls() != 0) {
      const TaskId only = task->default_out->edges[0].targets[0].id;
      const auto found =
          std::find_if(one.targets.begin(), one.targets.end(), [&](const auto& target) { return target.to == only; });
      found->tuples += task->direct_calls();
      found->called += task->direct_calls();
    }
    sample.tasks.push_back(std::move(one));
  }
  return sample;
}

LoopLoads loads_between(const std::vector<LoopSample>& before, const std::vector<LoopSample>& after, Nanoseconds clock_cost) {
  LoopLoads loads;
  if (before.size() != after.size()) return loads;
  std::map<TaskId, Calls> calls;
  for (std::size_t loop = 0; loop < after.size(); ++loop) {
    if (!same_tasks(before[loop], after[loop])) return loads;
    for (std::size_t i = 0; i < after[loop].tasks.size(); ++i)
      calls[after[loop].tasks[i].task] =
          calls_between(before[loop].tasks[i], after[loop].tasks[i], seconds_between(before[loop], after[loop]), clock_cost);
  }
  for (std::uint32_t loop = 0; loop < after.size(); ++loop) {
    const double seconds = seconds_between(before[loop], after[loop]);
    loads.at = std::max(loads.at, after[loop].at);
    const double idle = static_cast<double>(after[loop].idle - before[loop].idle) / static_cast<double>(kSecond);
    loads.loops.push_back({std::clamp(1 - idle / seconds, 0.0, 1.0), after[loop].takes_tasks, after[loop].reserve});
    for (std::size_t i = 0; i < after[loop].tasks.size(); ++i) {
      const TaskSample &then = before[loop].tasks[i], &now = after[loop].tasks[i];
      const bool hungry = now.is_spout && !now.exhausted && now.idle == then.idle && now.tuples > then.tuples;
      TaskLoad load{.task = now.task,
                    .loop = loop,
                    .busy = calls[now.task].busy,
                    .tuples = calls[now.task].tuples,
                    .stays = now.stays,
                    .hungry = hungry};
      for (std::size_t target = 0; target < now.targets.size(); ++target) {
        const TaskSample::Target &earlier = then.targets[target], &later = now.targets[target];
        const double tuples = rate(earlier.tuples, later.tuples, seconds);
        if (tuples > 0) loads.edges.push_back({now.task, later.to, tuples});
        // Times contain those of the tasks that were called: each call of these as long as their calls are on average.
        load.busy -= rate(earlier.called, later.called, seconds) * calls[later.to].each();
      }
      load.busy = std::max(0.0, load.busy);
      // A spout that had nothing to emit was called, too.
      const double calls_made = load.tuples + rate(then.idle, now.idle, seconds);
      load.call = calls_made > 0 ? load.busy / calls_made : 0;
      loads.tasks.push_back(load);
    }
  }
  return loads;
}

}  // namespace sparse::worker
