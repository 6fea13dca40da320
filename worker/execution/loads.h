// From counters to loads: what each task, edge and loop did between two looks.
#pragma once

#include <cstdint>
#include <vector>

#include "worker/execution/loop_plan.h"

namespace sparse::worker {

class Loop;

/// Counters of one task, which only rise.
struct TaskSample {
  struct Target {
    TaskId to = 0;
    std::uint64_t tuples = 0;
    std::uint64_t called = 0;  ///< of them: directly, inside the emit
  };
  TaskId task = 0;
  bool stays = false;
  bool is_spout = false;
  bool exhausted = false;
  std::uint64_t idle = 0;    ///< spouts: times that it had nothing
  std::uint64_t tuples = 0;  ///< executed, or emitted by a spout
  Nanoseconds busy = 0;      ///< inside its calls, with those that they made
  std::vector<Target> targets;
};
struct LoopSample {
  Nanoseconds at = 0;
  Nanoseconds idle = 0;
  bool takes_tasks = true;
  bool reserve = false;
  std::vector<TaskSample> tasks;
};

/// On the loop's thread.
LoopSample sample_of(const Loop& loop);

/// Pure. By loop; both of the same loops, with the same tasks on each, or nothing comes out. `clock_cost`: what one look at the
/// clock takes, which the times of bolts contain once. `cores` and `handover` are left to the caller.
LoopLoads loads_between(const std::vector<LoopSample>& before, const std::vector<LoopSample>& after, Nanoseconds clock_cost);

}  // namespace sparse::worker
