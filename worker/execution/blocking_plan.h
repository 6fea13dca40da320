// Which tasks should have a loop of their own since their calls block: a pure function of measured loads.
#pragma once

#include <cstdint>
#include <vector>

#include "worker/execution/loop_plan.h"

namespace sparse::worker {

/// A task that does not say `blocking: true`, and does.
struct BlockingMove {
  TaskId task = 0;
  std::uint32_t from = 0, to = 0;
  double call = 0;  ///< what one call takes, in seconds
};

inline constexpr double kCallBlocks = 1e-3;        ///< seconds
inline constexpr double kBlocksForShare = 0.02;    ///< of the time: what is called less often than that does no harm
inline constexpr std::size_t kBlocksInARow = 2;    ///< intervals: a page fault or a busy machine makes one call slow
inline constexpr std::size_t kBlockingAtOnce = 8;  ///< moves of one plan

/// What the planner remembers: in how many intervals in a row each task has blocked.
using BlockingHistory = std::map<TaskId, std::size_t>;

/// A call holds up all tasks of its loop. Those that are seen to take milliseconds go to loops that nobody shares, each to one of
/// its own while there are any, unless they are alone on their loop or pinned to it. They do not come back.
std::vector<BlockingMove> blocking_plan(const LoopLoads& loads, BlockingHistory& history);

}  // namespace sparse::worker
