// Counters in, loads out: a task's own work is told from that of the tasks it calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "worker/execution/loads.h"

namespace sparse::worker {
namespace {

constexpr Nanoseconds kClock = 20;

TaskSample spout(TaskId task, std::uint64_t tuples, Nanoseconds busy, std::vector<TaskSample::Target> targets) {
  return {.task = task, .is_spout = true, .tuples = tuples, .busy = busy, .targets = std::move(targets)};
}
TaskSample bolt(TaskId task, std::uint64_t tuples, Nanoseconds busy, std::vector<TaskSample::Target> targets = {}) {
  return {.task = task, .tuples = tuples, .busy = busy, .targets = std::move(targets)};
}

/// A spout that calls a splitter that calls a counter, ten times: 300 ns + 100 ns + 10 × 20 ns, and the clock in each of them.
std::vector<LoopSample> chain(Nanoseconds at, Nanoseconds idle, std::uint64_t lines) {
  const auto times = static_cast<Nanoseconds>(lines);
  return {{.at = at,
           .idle = idle,
           .takes_tasks = true,
           .tasks = {spout(1, lines, 600 * times, {{2, lines, lines}}),
                     bolt(2, lines, (300 + kClock) * times, {{3, 10 * lines, 10 * lines}}),
                     bolt(3, 10 * lines, (20 + kClock) * 10 * times)}}};
}

TEST(Loads, leave_out_the_time_of_the_tasks_that_were_called) {
  const LoopLoads loads = loads_between(chain(kSecond, 0, 500), chain(3 * kSecond, kSecond / 2, 500 + 2'000'000), kClock);
  ASSERT_EQ(loads.tasks.size(), 3u);
  EXPECT_NEAR(loads.tasks[0].busy, 0.3, 1e-6);
  EXPECT_NEAR(loads.tasks[1].busy, 0.1, 1e-6);
  EXPECT_NEAR(loads.tasks[2].busy, 0.2, 1e-6);
  EXPECT_NEAR(loads.tasks[2].tuples, 1e7, 1);
  ASSERT_EQ(loads.edges.size(), 2u);
  EXPECT_EQ(loads.edges[1].from, 2u);
  EXPECT_EQ(loads.edges[1].to, 3u);
  EXPECT_NEAR(loads.edges[1].tuples, 1e7, 1);
  ASSERT_EQ(loads.loops.size(), 1u);
  EXPECT_NEAR(loads.loops[0].busy, 0.75, 1e-6);
  EXPECT_EQ(loads.at, 3 * kSecond);
}

TEST(Loads, call_a_spout_hungry_that_was_never_idle) {
  for (const auto& [emitted, idle, exhausted, hungry] : {std::tuple{5u, 0u, false, true}, std::tuple{0u, 0u, false, false},
                                                         std::tuple{5u, 1u, false, false}, std::tuple{5u, 0u, true, false}}) {
    std::vector<LoopSample> before = {{.at = 0, .tasks = {spout(1, 7, 0, {})}}}, after = before;
    before[0].tasks[0].idle = 3;
    after[0].at = kSecond;
    after[0].tasks[0].idle = 3 + idle;
    after[0].tasks[0].tuples += emitted;
    after[0].tasks[0].exhausted = exhausted;
    EXPECT_EQ(loads_between(before, after, 0).tasks[0].hungry, hungry) << emitted << " " << idle << " " << exhausted;
  }
}

TEST(Loads, count_what_was_queued_as_nobodys_but_the_targets) {
  const std::vector<LoopSample> before = {{.at = 0, .tasks = {bolt(1, 0, 0, {{2, 0, 0}}), bolt(2, 0, 0)}}};
  const std::vector<LoopSample> after = {
      {.at = kSecond, .tasks = {bolt(1, 1000, 600'000'000, {{2, 1000, 250}}), bolt(2, 1000, 400'000'000)}}};
  const LoopLoads loads = loads_between(before, after, 0);
  EXPECT_NEAR(loads.tasks[0].busy, 0.5, 1e-6);
  EXPECT_NEAR(loads.tasks[1].busy, 0.4, 1e-6);
}

TEST(Loads, are_never_negative) {
  const std::vector<LoopSample> before = {{.at = 0, .tasks = {spout(1, 0, 0, {{2, 0, 0}}), bolt(2, 0, 0)}}};
  const std::vector<LoopSample> after = {
      {.at = kSecond, .idle = 2 * kSecond, .tasks = {spout(1, 1000, 1000, {{2, 1000, 1000}}), bolt(2, 1000, 1'000'000)}}};
  const LoopLoads called_longer_than_it_took = loads_between(before, after, 0);
  EXPECT_EQ(called_longer_than_it_took.tasks[0].busy, 0);
  EXPECT_EQ(called_longer_than_it_took.loops[0].busy, 0);
  const LoopLoads faster_than_the_clock = loads_between(before, after, 2000);
  EXPECT_EQ(faster_than_the_clock.tasks[1].busy, 0);
}

TEST(Loads, are_none_if_tasks_have_moved_or_no_time_has_passed) {
  const std::vector<LoopSample> before = {{.at = 0, .tasks = {bolt(1, 0, 0), bolt(2, 0, 0)}}, {.at = 0, .tasks = {}}};
  const std::vector<LoopSample> moved = {{.at = kSecond, .tasks = {bolt(1, 0, 0)}}, {.at = kSecond, .tasks = {bolt(2, 0, 0)}}};
  EXPECT_TRUE(loads_between(before, moved, 0).tasks.empty());
  EXPECT_TRUE(loads_between(before, before, 0).tasks.empty());
  EXPECT_TRUE(loads_between({}, moved, 0).tasks.empty());
}

}  // namespace
}  // namespace sparse::worker
