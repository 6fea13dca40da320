// Loads in, moves of tasks that block out.
#include "worker/execution/blocking_plan.h"

#include <gtest/gtest.h>

namespace sparse::worker {
namespace {

/// Two shared loops, one of a blocking task, two in reserve.
LoopLoads five_loops(std::vector<TaskLoad> tasks) {
  LoopLoads loads;
  loads.tasks = std::move(tasks);
  loads.loops = {{.busy = 1},
                 {.busy = 1},
                 {.busy = 1, .takes_tasks = false},
                 {.takes_tasks = false, .reserve = true},
                 {.takes_tasks = false, .reserve = true}};
  return loads;
}
TaskLoad slow(TaskId task, std::uint32_t loop) { return {.task = task, .loop = loop, .busy = 0.5, .tuples = 250, .call = 2e-3}; }
TaskLoad quick(TaskId task, std::uint32_t loop) { return {.task = task, .loop = loop, .busy = 0.5, .tuples = 1e6, .call = 5e-7}; }

/// `task>loop` of the plan that is made of the same loads so many times.
std::string planned(const LoopLoads& loads, std::size_t times = kBlocksInARow) {
  BlockingHistory history;
  std::vector<BlockingMove> moves;
  for (std::size_t i = 0; i < times; ++i) moves = blocking_plan(loads, history);
  std::string text;
  for (const BlockingMove& move : moves)
    text += (text.empty() ? "" : " ") + std::to_string(move.task) + ">" + std::to_string(move.to);
  return text;
}

TEST(BlockingPlan, gives_a_task_that_holds_up_others_a_loop_of_its_own) {
  TaskLoad pinned = slow(2, 0), rare = slow(2, 0), short_call = slow(2, 0), own = slow(2, 2);
  pinned.stays = true;
  rare.busy = 0.01;
  short_call.call = 0.9e-3;
  const struct {
    const char* what;
    std::vector<TaskLoad> tasks;
    const char* moves;
  } cases[] = {
      {"nobody blocks", {quick(1, 0), quick(2, 0)}, ""},
      {"one of two", {quick(1, 0), slow(2, 0)}, "2>3"},
      {"it is alone", {quick(1, 1), slow(2, 0)}, ""},
      {"both of two: the second is alone then", {slow(1, 0), slow(2, 0)}, "1>3"},
      {"two of three", {slow(1, 0), slow(2, 0), quick(3, 0)}, "1>3 2>4"},
      {"more than there are loops: they share", {slow(1, 0), slow(2, 0), slow(3, 0), quick(4, 0)}, "1>3 2>4 3>3"},
      {"one is there already", {quick(1, 0), slow(2, 0), slow(5, 3)}, "2>4"},
      {"pinned", {quick(1, 0), pinned}, ""},
      {"hardly called", {quick(1, 0), rare}, ""},
      {"below the limit", {quick(1, 0), short_call}, ""},
      {"on a loop of its own, with another", {quick(1, 2), own}, ""},
  };
  for (const auto& c : cases) EXPECT_EQ(planned(five_loops(c.tasks)), c.moves) << c.what;
}

TEST(BlockingPlan, waits_for_a_second_interval) {
  EXPECT_EQ(planned(five_loops({quick(1, 0), slow(2, 0)}), 1), "");
  BlockingHistory history;
  EXPECT_TRUE(blocking_plan(five_loops({quick(1, 0), slow(2, 0)}), history).empty());
  EXPECT_TRUE(blocking_plan(five_loops({quick(1, 0), quick(2, 0)}), history).empty());
  EXPECT_TRUE(blocking_plan(five_loops({quick(1, 0), slow(2, 0)}), history).empty()) << "not in a row";
}

TEST(BlockingPlan, is_not_misled_by_an_interval_in_which_no_call_ended) {
  TaskLoad inside = slow(2, 0);
  inside.busy = inside.tuples = inside.call = 0;
  BlockingHistory history;
  EXPECT_TRUE(blocking_plan(five_loops({quick(1, 0), slow(2, 0)}), history).empty());
  EXPECT_TRUE(blocking_plan(five_loops({quick(1, 0), inside}), history).empty());
  EXPECT_EQ(blocking_plan(five_loops({quick(1, 0), slow(2, 0)}), history).size(), 1u);
}

TEST(BlockingPlan, moves_nothing_without_a_reserve) {
  LoopLoads loads = five_loops({quick(1, 0), slow(2, 0)});
  loads.loops.resize(3);
  EXPECT_EQ(planned(loads), "");
}

}  // namespace
}  // namespace sparse::worker
