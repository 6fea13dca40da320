// Tasks change from one loop to another while all loops of the worker stand still.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "worker/execution/loop.h"

namespace sparse::worker {

/// Links between two loops, both ways, unless there are some. Before any thread runs, or while no loop runs.
void link_loops(WorkerShared& shared, Loop& a, Loop& b);

struct TaskMove {
  TaskId task = 0;
  std::uint32_t to = 0;  ///< loop
};

/// Only while no loop runs, and in a worker that is the only one of its topology: others count credit by the loop of the sender.
void move_tasks(WorkerShared& shared, const std::vector<std::unique_ptr<Loop>>& loops, std::span<const TaskMove> moves);

}  // namespace sparse::worker
