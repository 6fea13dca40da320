// Tests of what is said of a component beyond its counters.
#include "sparse-cli/component_notes.h"

#include <gmock/gmock.h>

namespace sparse::cli {
namespace {

Value task(std::int64_t lag, std::int64_t dead, std::string state) {
  return Value::Map{{"lag", lag}, {"dead_letters", dead}, {"state", std::move(state)}};
}

TEST(ComponentNotes, SumUpTheTasks) {
  EXPECT_THAT(notes_of({{"lines", {task(1000, 0, "well"), task(234, 0, "well")}}}),
              testing::ElementsAre(ComponentNote{"lines: lag 1,234"}));
  EXPECT_THAT(notes_of({{"lines", {task(0, 1, "well"), task(0, 2, "well")}}}),
              testing::ElementsAre(ComponentNote{"lines: lag 0, 3 dead letters"}));
  EXPECT_THAT(notes_of({{"lines", {task(0, 1, "well")}}}), testing::ElementsAre(ComponentNote{"lines: lag 0, 1 dead letter"}));
}

TEST(ComponentNotes, DoNotCallUnknownNone) {
  const Value unknown = Value::Map{{"lag", Value()}, {"state", std::string("no broker")}};
  EXPECT_THAT(notes_of({{"lines", {unknown, unknown}}}), testing::ElementsAre(ComponentNote{"lines: no broker", true}));
}

TEST(ComponentNotes, CountWhatFailed) {
  const Value tries =
      Value::Map{{"lag", std::int64_t{5}}, {"waiting_for_retry", std::int64_t{2}}, {"state", std::string("well")}};
  EXPECT_THAT(notes_of({{"lines", {tries, task(0, 0, "well")}}}),
              testing::ElementsAre(ComponentNote{"lines: lag 5, 2 to be tried again"}));
}

TEST(ComponentNotes, SayEachTroubleOnce) {
  EXPECT_THAT(notes_of({{"lines", {task(0, 0, "no broker"), task(0, 0, "no broker"), task(0, 0, "DEGRADED")}}}),
              testing::ElementsAre(ComponentNote{"lines: lag 0; no broker; DEGRADED", true}));
  EXPECT_THAT(notes_of({{"write", {Value::Map{{"state", std::string("waiting")}}}}}),
              testing::ElementsAre(ComponentNote{"write: waiting", true}));
}

TEST(ComponentNotes, TellWhatWaitsForTheTopologyFromWhatWaitsOutside) {
  const auto stuck = [](bool outside) { return Value::Map{{"state", std::string("stuck")}, {"waits_outside", outside}}; };
  EXPECT_THAT(notes_of({{"read", {stuck(false)}}}), testing::ElementsAre(ComponentNote{"read: stuck", true, false}));
  EXPECT_THAT(notes_of({{"read", {stuck(false), stuck(true)}}}), testing::ElementsAre(ComponentNote{"read: stuck", true, true}));
}

TEST(ComponentNotes, LeaveOutWhatTellsNothing) {
  EXPECT_THAT(notes_of({{"write", {Value::Map{{"state", std::string("well")}, {"delivered", std::int64_t{7}}}}}}),
              testing::IsEmpty());
}

}  // namespace
}  // namespace sparse::cli
