#include "worker/execution/blocking_plan.h"

#include <algorithm>
#include <optional>

namespace sparse::worker {
namespace {

bool blocks(const TaskLoad& task) { return task.call >= kCallBlocks && task.busy >= kBlocksForShare; }

/// The loop with the fewest tasks among those that are not shared; nothing if there are none.
std::optional<std::uint32_t> emptiest(const LoopLoads& loads, const std::vector<std::size_t>& tasks_on) {
  std::optional<std::uint32_t> found;
  for (std::uint32_t loop = 0; loop < loads.loops.size(); ++loop)
    if (loads.loops[loop].reserve && (!found || tasks_on[loop] < tasks_on[*found])) found = loop;
  return found;
}

}  // namespace

std::vector<BlockingMove> blocking_plan(const LoopLoads& loads, BlockingHistory& history) {
  std::vector<BlockingMove> moves;
  std::vector<std::size_t> tasks_on(loads.loops.size());
  for (const TaskLoad& task : loads.tasks) ++tasks_on[task.loop];
  BlockingHistory now;
  for (const TaskLoad& task : loads.tasks) {
    if (task.stays || !loads.loops[task.loop].takes_tasks) continue;
    const auto before = history.find(task.task);
    const std::size_t times = (blocks(task) ? 1 : 0) + (before == history.end() ? 0 : before->second);
    // With no call that has ended in this interval nothing is known of it.
    if (blocks(task) || task.call == 0) now[task.task] = times;
    if (!blocks(task) || times < kBlocksInARow || tasks_on[task.loop] < 2 || moves.size() == kBlockingAtOnce) continue;
    const auto to = emptiest(loads, tasks_on);
    if (!to) break;
    --tasks_on[task.loop];
    ++tasks_on[*to];
    moves.push_back({task.task, task.loop, *to, task.call});
  }
  history = std::move(now);
  return moves;
}

}  // namespace sparse::worker
