// Loads in, moves out: what moves, what stays, and that noise moves nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/random.h"
#include "worker/execution/loop_plan.h"

namespace sparse::worker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kNear = 25, kFar = 90;  // nanoseconds

/// A machine that runs a topology as fast as its busiest loop lets it: `work` in nanoseconds and `tuples` for each root.
struct World {
  struct Task {
    std::uint32_t loop = 0;
    double work = 0, tuples = 1;
    bool stays = false;
  };
  std::vector<Task> tasks;  // task i + 1
  std::vector<EdgeLoad> edges;
  std::vector<bool> shared = {true, true};
  double handover = kNear, cores = 2, pace = 1e12, noise = 0;
  Random random{1};

  std::vector<double> loop_costs() const {
    std::vector<double> costs(shared.size());
    for (const Task& task : tasks) costs[task.loop] += task.work * task.tuples;
    for (const EdgeLoad& edge : edges)
      if (const auto from = tasks[edge.from - 1].loop, to = tasks[edge.to - 1].loop; from != to) {
        costs[from] += handover * edge.tuples;
        costs[to] += handover * edge.tuples;
      }
    return costs;
  }
  double rate() const {
    const auto costs = loop_costs();
    return std::min(pace, 1e9 / *std::max_element(costs.begin(), costs.end()));
  }
  double noisy(double value) { return value * (1 + noise * (static_cast<double>(random.below(2001)) / 1000 - 1)); }

  LoopLoads loads(Nanoseconds at) {
    LoopLoads loads{.at = at, .cores = cores, .handover = handover, .tasks = {}, .edges = {}, .loops = {}};
    const double rate = noisy(this->rate());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const Task& task = tasks[i];
      loads.tasks.push_back(
          {static_cast<TaskId>(i + 1), task.loop, noisy(task.work * task.tuples * rate * 1e-9), task.tuples * rate, task.stays});
    }
    for (const EdgeLoad& edge : edges) loads.edges.push_back({edge.from, edge.to, edge.tuples * rate});
    const auto costs = loop_costs();
    for (std::size_t i = 0; i < costs.size(); ++i)
      loads.loops.push_back({std::min(1.0, noisy(costs[i] * rate * 1e-9)), shared[i]});
    return loads;
  }

  /// One plan a second, carried out; all moves.
  std::vector<LoopMove> run(int seconds) {
    std::vector<LoopMove> all;
    for (int left = seconds; left > 0; --left) {
      now += kSecond;
      LoopPlan plan = loop_plan(loads(now), history);
      history = std::move(plan.history);
      for (const LoopMove& move : plan.moves) {
        for (const TaskId task : move.tasks) {
          EXPECT_EQ(tasks[task - 1].loop, move.from);
          EXPECT_FALSE(tasks[task - 1].stays);
          tasks[task - 1].loop = move.to;
        }
        EXPECT_TRUE(shared[move.to]);
        all.push_back(move);
      }
    }
    return all;
  }
  std::vector<std::uint32_t> placement() const {
    std::vector<std::uint32_t> loops;
    for (const Task& task : tasks) loops.push_back(task.loop);
    return loops;
  }
  Nanoseconds now = 0;
  MoveHistory history;
};

World chain(std::vector<double> work) {
  World world;
  for (const double one : work) world.tasks.push_back({.work = one});
  for (TaskId task = 1; task < work.size(); ++task) world.edges.push_back({task, task + 1, 1});
  return world;
}

World word_count() {
  World world;
  world.tasks = {{.work = 40}, {.work = 90}, {.work = 15, .tuples = 10}};
  world.edges = {{1, 2, 1}, {2, 3, 10}};
  return world;
}

TEST(LoopPlan, keeps_a_fused_word_count_fused) {
  for (const double handover : {kNear, kFar}) {
    World world = word_count();
    world.handover = handover;
    EXPECT_THAT(world.run(60), IsEmpty()) << handover;
  }
}

TEST(LoopPlan, moves_one_bolt_of_two_microseconds_away_from_the_rest) {
  World world = chain({200, 2000, 20});
  const double before = world.rate();
  const auto moves = world.run(10);
  ASSERT_EQ(moves.size(), 1u);
  EXPECT_EQ(world.tasks[1].loop + world.tasks[0].loop, 1u);
  EXPECT_GT(world.rate(), before * 1.05);
}

TEST(LoopPlan, spreads_two_equal_heavy_bolts_within_two_seconds) {
  for (const double handover : {kNear, kFar}) {
    World world = chain({100, 2000, 2000, 20});
    world.handover = handover;
    const double before = world.rate();
    ASSERT_EQ(world.run(2).size(), 1u);
    EXPECT_NE(world.tasks[1].loop, world.tasks[2].loop);
    EXPECT_GT(world.rate(), before * 1.7);
    EXPECT_THAT(world.run(60), IsEmpty());
  }
}

TEST(LoopPlan, spreads_many_heavy_bolts_over_four_loops_in_a_few_plans) {
  World world;
  world.shared = {true, true, true, true};
  world.cores = 4;
  world.tasks = {{.work = 100}};
  for (TaskId task = 2; task <= 9; ++task) {
    world.tasks.push_back({.work = 1000});
    world.edges.push_back({1, task, 1});
  }
  const double before = world.rate();
  world.run(5);
  EXPECT_GT(world.rate(), before * 3.3);
  EXPECT_LE(world.run(60).size(), 2u);
}

TEST(LoopPlan, leaves_parallel_tasks_that_are_balanced) {
  World world;
  for (const std::uint32_t loop : {0u, 1u})
    for (const double work : {40.0, 90.0, 150.0}) world.tasks.push_back({.loop = loop, .work = work});
  for (const TaskId first : {1u, 4u}) {
    world.edges.push_back({first, first + 1, 1});
    world.edges.push_back({first + 1, 3, 5});
    world.edges.push_back({first + 1, 6, 5});
  }
  world.noise = 0.2;
  EXPECT_THAT(world.run(300), IsEmpty());
}

TEST(LoopPlan, leaves_a_loop_that_has_idle_time) {
  World world = chain({200, 2000, 2000});
  world.pace = 0.7 * world.rate();
  EXPECT_THAT(world.run(60), IsEmpty());
  world.pace = 0;
  EXPECT_THAT(world.run(60), IsEmpty());
}

TEST(LoopPlan, leaves_what_costs_less_than_twice_the_hand_over) {
  struct Row {
    double work, handover;
    bool moves;
  };
  for (const Row row : {Row{45, 25, false}, Row{65, 25, true}, Row{130, 75, false}, Row{200, 75, true}}) {
    World world = chain({row.work, row.work});
    world.handover = row.handover;
    EXPECT_EQ(!world.run(5).empty(), row.moves) << row.work << " ns of work, " << row.handover << " ns of hand-over";
  }
}

TEST(LoopPlan, takes_along_what_a_task_feeds) {
  // Each sentence makes 40 words: to move the splitter alone would cost more than it does.
  World world;
  world.tasks = {{.work = 1800}, {.work = 900}, {.work = 20, .tuples = 40}};
  world.edges = {{1, 2, 1}, {2, 3, 40}};
  const auto moves = world.run(5);
  ASSERT_EQ(moves.size(), 1u);
  EXPECT_THAT(moves[0].crossing, testing::Gt(0));
  EXPECT_EQ(world.tasks[1].loop, world.tasks[2].loop);
  EXPECT_NE(world.tasks[0].loop, world.tasks[1].loop);
}

TEST(LoopPlan, gives_a_starved_chain_a_loop_of_its_own) {
  // On one loop, a chain with a bolt of two microseconds leaves next to nothing to one that could do ten million tuples a second.
  LoopLoads loads{.at = kSecond, .cores = 2, .handover = kFar, .tasks = {}, .edges = {}, .loops = {{1.0, true}, {0.0, true}}};
  loads.tasks = {{1, 0, 0.005, 480e3}, {2, 0, 0.97, 480e3},  {3, 0, 0.005, 480e3},
                 {4, 0, 0.004, 480e3}, {5, 0, 0.003, 480e3}, {6, 0, 0.003, 480e3}};
  loads.edges = {{1, 2, 480e3}, {2, 3, 480e3}, {4, 5, 480e3}, {5, 6, 480e3}};
  EXPECT_THAT(loop_plan(loads, {}).moves, IsEmpty()) << "it takes all that comes";
  loads.tasks[0].hungry = loads.tasks[3].hungry = true;
  const auto moves = loop_plan(loads, {}).moves;
  ASSERT_EQ(moves.size(), 1u);
  EXPECT_EQ(moves[0].crossing, 0);
  EXPECT_THAT(moves[0].tasks, testing::AnyOf(ElementsAre(1, 2, 3), ElementsAre(4, 5, 6)));
}

TEST(LoopPlan, has_nothing_to_choose_with_one_loop_or_one_core) {
  World world = chain({200, 2000, 2000});
  world.shared = {true};
  EXPECT_THAT(world.run(20), IsEmpty());
  world.shared = {true, true};
  world.cores = 1;
  EXPECT_THAT(world.run(20), IsEmpty());
}

TEST(LoopPlan, never_moves_what_is_pinned_nor_uses_the_loop_of_a_blocking_task) {
  World world = chain({10, 2000, 2000, 10});
  world.tasks[1].stays = world.tasks[2].stays = true;
  const auto moves = world.run(20);
  for (const LoopMove& move : moves) EXPECT_THAT(move.tasks, testing::Not(testing::Contains(testing::AnyOf(2u, 3u))));
  World blocking = chain({10, 2000, 2000, 10});
  blocking.shared = {true, false};
  EXPECT_THAT(blocking.run(20), IsEmpty());
}

TEST(LoopPlan, is_not_fooled_by_noise) {
  int moves = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    // The best that five such bolts can do on two loops.
    World world;
    world.random = Random(seed);
    world.noise = 0.2;
    world.tasks = {
        {.work = 20}, {.work = 1000}, {.work = 1000}, {.work = 1000}, {.loop = 1, .work = 1000}, {.loop = 1, .work = 1000}};
    for (TaskId task = 2; task <= 6; ++task) world.edges.push_back({1, task, 1});
    moves += static_cast<int>(world.run(120).size());
    World fused = word_count();
    fused.random = Random(seed);
    fused.noise = 0.2;
    EXPECT_THAT(fused.run(120), IsEmpty());
    World spread = chain({100, 2000, 2000, 20});
    spread.random = Random(seed);
    spread.noise = 0.2;
    EXPECT_LE(spread.run(120).size(), 3u) << seed;
    EXPECT_NE(spread.tasks[1].loop, spread.tasks[2].loop) << seed;
  }
  EXPECT_LE(moves, 40);  // in 80 minutes
}

TEST(LoopPlan, undoes_once_what_did_not_help_and_leaves_it_until_loads_change) {
  World world = chain({100, 2000, 2000, 20});
  // On this machine two loops are slower than one, whatever was measured.
  const auto step = [&](double rate_if_apart) {
    LoopLoads loads = world.loads(world.now += kSecond);
    if (world.tasks[1].loop != world.tasks[2].loop) {
      for (TaskLoad& task : loads.tasks) task.tuples *= rate_if_apart;
      for (EdgeLoad& edge : loads.edges) edge.tuples *= rate_if_apart;
      for (LoopLoad& loop : loads.loops) loop.busy = 1;
    }
    LoopPlan plan = loop_plan(loads, world.history);
    world.history = std::move(plan.history);
    for (const LoopMove& move : plan.moves)
      for (const TaskId task : move.tasks) world.tasks[task - 1].loop = move.to;
    return plan.moves;
  };
  std::vector<LoopMove> moves;
  for (int i = 0; i < 10; ++i)
    for (const LoopMove& move : step(0.3)) moves.push_back(move);
  ASSERT_EQ(moves.size(), 2u);
  EXPECT_FALSE(moves[0].undoes);
  EXPECT_TRUE(moves[1].undoes);
  EXPECT_LT(moves[1].gain, 0);
  EXPECT_EQ(moves[0].tasks, moves[1].tasks);
  EXPECT_THAT(world.placement(), ElementsAre(0, 0, 0, 0));
  EXPECT_FALSE(world.history.barred.empty());

  for (int i = 0; i < 600; ++i)
    for (const LoopMove& move : step(0.3)) EXPECT_NE(move.tasks, moves[0].tasks) << "again, with the same loads";
}

TEST(LoopPlan, tries_again_when_loads_have_changed) {
  World world = chain({100, 2000, 2000, 20});
  world.history.barred = {{{3}, 0, 1, 2000, world.rate(), kNear, 0}, {{3, 4}, 0, 1, 1010, 2 * world.rate(), kNear, 0}};
  EXPECT_EQ(world.history.barred.size(), 2u);
  LoopPlan same = loop_plan(world.loads(kSecond), world.history);
  EXPECT_EQ(same.history.barred.size(), 2u);
  for (World::Task& task : world.tasks) task.work *= 3;
  LoopPlan other = loop_plan(world.loads(2 * kSecond), world.history);
  EXPECT_THAT(other.history.barred, IsEmpty());
}

TEST(LoopPlan, keeps_a_task_where_it_went_for_a_while) {
  World world = chain({100, 2000, 2000, 20});
  ASSERT_EQ(world.run(1).size(), 1u);
  ASSERT_THAT(world.run(2), IsEmpty());
  ASSERT_THAT(world.placement(), ElementsAre(1, 1, 0, 0));
  // The loads turn round: now it would be best to move one of them back.
  world.tasks[0].work = world.tasks[1].work = 4000;
  world.tasks[2].work = world.tasks[3].work = 10;
  EXPECT_THAT(world.run(7), IsEmpty());
  EXPECT_EQ(world.run(10).size(), 1u);
}

}  // namespace
}  // namespace sparse::worker
