// Tests of adding up the statistics of tasks.
#include "sparse-cli/component_totals.h"

#include <gtest/gtest.h>

namespace sparse::cli {
namespace {

topology::Topology two_components() {
  topology::Topology topology;
  topology.name = "word-count";
  topology.components.push_back({.id = "lines", .is_spout = true});
  topology.components.push_back({.id = "split", .parallelism = 2});
  return topology;
}

worker::TaskStats task(TaskId id, std::uint32_t component, std::uint64_t executed, Nanoseconds busy) {
  worker::TaskStats stats;
  stats.task = id;
  stats.component = component;
  stats.executed = executed;
  stats.emitted = 2 * executed;
  stats.busy = busy;
  stats.execute.add(1000, executed);
  return stats;
}

TEST(ComponentTotals, AddsUpTheTasksOfAComponent) {
  worker::WorkerStats stats;
  stats.at = 5 * kSecond;
  stats.tasks = {{}, task(1, 0, 0, 0), task(2, 1, 10, kSecond), task(3, 1, 20, kSecond), task(4, 9, 5, 0)};
  const Snapshot snapshot = totals_of(two_components(), stats);
  ASSERT_EQ(snapshot.components.size(), 2u);
  EXPECT_EQ(snapshot.at, 5 * kSecond);
  EXPECT_EQ(snapshot.components[0].id, "lines");
  EXPECT_TRUE(snapshot.components[0].is_spout);
  EXPECT_EQ(snapshot.components[1].executed, 30u);
  EXPECT_EQ(snapshot.components[1].emitted, 60u);
  EXPECT_EQ(snapshot.components[1].tasks, 2u);
  EXPECT_EQ(snapshot.components[1].execute.count(), 30u);
}

TEST(ComponentTotals, SayWhereTheTasksLiveAndHowOftenTheyMoved) {
  worker::WorkerStats stats;
  stats.tasks = {task(1, 0, 0, 0), task(2, 1, 10, 0), task(3, 1, 20, 0)};
  stats.tasks[1].loop = 3;
  stats.tasks[1].moves = 2;
  stats.tasks[1].load = 0.5;
  stats.tasks[2].loop = 1;
  stats.tasks[2].load = 0.25;
  const Snapshot snapshot = totals_of(two_components(), stats);
  EXPECT_EQ(snapshot.components[0].loops, (std::vector<std::uint16_t>{0}));
  EXPECT_EQ(snapshot.components[1].loops, (std::vector<std::uint16_t>{1, 3}));
  EXPECT_EQ(snapshot.components[1].moves, 2u);
  EXPECT_DOUBLE_EQ(snapshot.components[1].load, 0.75);
}

TEST(ComponentTotals, MergeTheWaitsOfAnEdge) {
  worker::WorkerStats stats;
  stats.tasks = {task(1, 0, 0, 0), task(2, 1, 10, 0), task(3, 1, 20, 0)};
  stats.tasks[1].waits = {{.source = 1}, {.source = 0}};
  stats.tasks[1].waits[1].queue.add(5);
  stats.tasks[2].waits = {{.source = 0}};
  stats.tasks[2].waits[0].queue.add(7);
  stats.tasks[2].waits[0].transfer.add(9);
  const Snapshot snapshot = totals_of(two_components(), stats);
  EXPECT_TRUE(snapshot.components[0].waits.empty());
  ASSERT_EQ(snapshot.components[1].waits.size(), 2u);
  EXPECT_EQ(snapshot.components[1].waits[0].source, 0u);
  EXPECT_EQ(snapshot.components[1].waits[0].queue.count(), 2u);
  EXPECT_EQ(snapshot.components[1].waits[0].queue.max(), 7u);
  EXPECT_EQ(snapshot.components[1].waits[0].transfer.max(), 9u);
  EXPECT_EQ(snapshot.components[1].waits[1].source, 1u);
}

TEST(ComponentTotals, ShortenARowOfLoops) {
  EXPECT_EQ(loops_text({}), "");
  EXPECT_EQ(loops_text({2}), "2");
  EXPECT_EQ(loops_text({0, 1}), "0,1");
  EXPECT_EQ(loops_text({0, 1, 2, 5, 7, 8, 9}), "0-2,5,7-9");
}

TEST(ComponentTotals, RatesAreWhatChangedInTheTimeBetween) {
  worker::WorkerStats stats;
  stats.at = 12 * kSecond;
  stats.tasks = {{}, task(1, 0, 0, 0), task(2, 1, 1000, 2 * kSecond), task(3, 1, 1000, kSecond)};
  const auto rates = rates_between(nothing_yet(two_components(), 10 * kSecond), totals_of(two_components(), stats));
  ASSERT_EQ(rates.size(), 2u);
  EXPECT_DOUBLE_EQ(rates[1].executed, 1000);
  EXPECT_DOUBLE_EQ(rates[1].emitted, 2000);
  EXPECT_DOUBLE_EQ(rates[1].capacity, 0.75);
}

TEST(ComponentTotals, RatesAreZeroIfNoTimeHasPassedOrCountersRestarted) {
  worker::WorkerStats stats;
  stats.tasks = {{}, task(1, 0, 0, 0), task(2, 1, 1000, kSecond), task(3, 1, 1000, kSecond)};
  const Snapshot later = totals_of(two_components(), stats);
  EXPECT_EQ(rates_between(nothing_yet(two_components(), 0), later)[1].executed, 0);
  Snapshot before = later;
  before.at = -kSecond;
  before.components[1].executed = 5000;
  EXPECT_EQ(rates_between(before, later)[1].executed, 0);
  EXPECT_EQ(rates_between({}, later).size(), 2u);
}

}  // namespace
}  // namespace sparse::cli
