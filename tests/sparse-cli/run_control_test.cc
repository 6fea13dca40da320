// Tests of when a run drains, stops, or is left to itself.
#include "sparse-cli/run_control.h"

#include <gtest/gtest.h>

#include <vector>

namespace sparse::cli {
namespace {

struct Event {
  RunMoment moment;
  RunStep step;
};

/// Elapsed seconds, times asked, changed.
RunMoment at(double seconds, int asked = 0, bool changed = false) {
  return {.elapsed = static_cast<Nanoseconds>(seconds * 1e9), .asked = asked, .changed = changed};
}

EndReason play(RunLimits limits, const std::vector<Event>& events) {
  RunControl control(limits);
  for (const Event& event : events)
    EXPECT_EQ(static_cast<int>(control.decide(event.moment)), static_cast<int>(event.step))
        << event.moment.elapsed << " " << event.moment.asked;
  return control.reason();
}

TEST(RunControl, GoesOnUntilTheRunEndsByItself) {
  EXPECT_EQ(play({}, {{at(0), RunStep::go_on}, {at(1e6), RunStep::go_on}}), EndReason::finished);
}

TEST(RunControl, DrainsWhenTheTimeIsOver) {
  EXPECT_EQ(play({.run_for = 2 * kSecond}, {{at(1.9), RunStep::go_on}, {at(2), RunStep::drain}, {at(3), RunStep::go_on}}),
            EndReason::time);
}

TEST(RunControl, DrainsAtTheFirstRequestAndStopsAtTheSecond) {
  EXPECT_EQ(play({}, {{at(1, 1), RunStep::drain}, {at(2, 1), RunStep::go_on}}), EndReason::interrupted);
  EXPECT_EQ(play({}, {{at(1, 1), RunStep::drain}, {at(2, 2), RunStep::stop}, {at(2.1, 2), RunStep::go_on}}), EndReason::stopped);
  EXPECT_EQ(play({}, {{at(1, 2), RunStep::stop}}), EndReason::stopped);
}

TEST(RunControl, ARequestWhileTimeDrainsStops) {
  EXPECT_EQ(play({.run_for = kSecond}, {{at(1), RunStep::drain}, {at(2, 1), RunStep::stop}}), EndReason::stopped);
}

TEST(RunControl, ADrainThatTakesTooLongStops) {
  EXPECT_EQ(
      play({.drain_for = 5 * kSecond}, {{at(1, 1), RunStep::drain}, {at(5.9, 1), RunStep::go_on}, {at(6, 1), RunStep::stop}}),
      EndReason::stopped);
}

TEST(RunControl, ADrainInWhichNothingMovesStops) {
  const auto stuck = [](double seconds, double stuck_for, int asked = 1) {
    RunMoment moment = at(seconds, asked);
    moment.stuck = static_cast<Nanoseconds>(stuck_for * 1e9);
    return moment;
  };
  EXPECT_EQ(play({.stuck_for = 5 * kSecond}, {{stuck(50, 50, 0), RunStep::go_on},
                                              {stuck(60, 60), RunStep::drain},
                                              {stuck(64.9, 64.9), RunStep::go_on},
                                              {stuck(66, 1), RunStep::go_on},
                                              {stuck(70, 5), RunStep::stop}}),
            EndReason::stopped);
}

TEST(RunControl, StillnessEndsWhenSomethingMoves) {
  Stillness still;
  EXPECT_EQ(still.look(0, 5 * kSecond), 0);
  EXPECT_EQ(still.look(0, 7 * kSecond), 2 * kSecond);
  EXPECT_EQ(still.look(1, 8 * kSecond), 0);
  EXPECT_EQ(still.look(1, 9 * kSecond), kSecond);
}

TEST(RunControl, AStopThatTakesTooLongIsAbandonedOnce) {
  EXPECT_EQ(
      play({.stop_for = kSecond},
           {{at(1, 2), RunStep::stop}, {at(1.9, 2), RunStep::go_on}, {at(2, 2), RunStep::abandon}, {at(9, 5), RunStep::go_on}}),
      EndReason::stopped);
  EXPECT_EQ(play({}, {{at(1, 2), RunStep::stop}, {at(1.1, 3), RunStep::abandon}}), EndReason::stopped);
}

TEST(RunControl, AChangedFileStopsARunningTopologyOnly) {
  EXPECT_EQ(play({}, {{at(1, 0, true), RunStep::stop}}), EndReason::changed);
  EXPECT_EQ(play({}, {{at(1, 1), RunStep::drain}, {at(2, 1, true), RunStep::go_on}}), EndReason::interrupted);
}

TEST(RunControl, SaysWhatTheUserMayDo) {
  RunControl control({});
  EXPECT_EQ(control.state(), "running");
  EXPECT_EQ(control.hint(), "Ctrl-C drains");
  control.decide(at(1, 1));
  EXPECT_EQ(control.state(), "draining");
  EXPECT_EQ(control.hint(), "Ctrl-C again stops at once");
  control.decide(at(1, 2));
  EXPECT_EQ(control.state(), "stopping");
}

}  // namespace
}  // namespace sparse::cli
