// Tests of the summary of a run.
#include "sparse-cli/summary.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace sparse::cli {
namespace {

RunSummary word_count() {
  RunSummary summary{.topology = "word-count", .elapsed = 2 * kSecond, .loops = 2};
  summary.totals.at = 100 * kSecond;
  ComponentTotals lines{.id = "lines", .is_spout = true, .tasks = 1, .emitted = 40000, .transferred = 40000, .acked = 40000};
  lines.complete.add(1'000'000, 40000);
  ComponentTotals split{.id = "split", .tasks = 2, .emitted = 202651, .executed = 40000, .acked = 40000, .busy = kSecond};
  split.execute.add(800, 40000);
  summary.totals.components = {lines, split};
  return summary;
}

TEST(Summary, IsATableForPeople) {
  EXPECT_EQ(summary_text(word_count()),
            "word-count finished in 2.00s\n"
            "  component  tasks  emitted  executed   acked  failed  per second  execute p50    p99  complete p50     p99\n"
            "  lines          1   40,000         -  40,000       0       20.0k            -      -        1.00ms  1.00ms\n"
            "  split          2  202,651    40,000  40,000       0       20.0k        800ns  800ns             -       -");
}

TEST(Summary, SaysHowTheRunEnded) {
  const std::pair<EndReason, const char*> cases[] = {
      {EndReason::finished, "word-count finished in 2.00s\n"},
      {EndReason::time, "word-count ended by -t after 2.00s\n"},
      {EndReason::interrupted, "word-count interrupted and drained after 2.00s\n"},
      {EndReason::stopped, "word-count stopped after 2.00s: what was under way has no verdict\n"},
      {EndReason::changed, "word-count stopped after 2.00s: its files changed\n"},
      {EndReason::failed, "word-count failed after 2.00s\n"},
  };
  for (const auto& [reason, headline] : cases) {
    RunSummary summary = word_count();
    summary.reason = reason;
    EXPECT_THAT(summary_text(summary), testing::StartsWith(headline));
  }
}

TEST(Summary, NamesWhatWentWrong) {
  RunSummary summary = word_count();
  summary.reason = EndReason::failed;
  summary.failure = "split gave up";
  summary.totals.components[0].timed_out = 3;
  summary.totals.components[0].failed_for_good = 2;
  summary.totals.components[1].errors = 1;
  const std::string text = summary_text(summary);
  EXPECT_THAT(text, testing::StartsWith("word-count failed after 2.00s: split gave up\n"));
  EXPECT_THAT(text,
              testing::EndsWith(
                  "\nlines: 3 trees timed out\nlines: 2 messages failed for good\nsplit: 1 error of use; the log says which"));
}

TEST(Summary, DecidesTheExitCode) {
  struct Case {
    EndReason reason;
    bool failure;
    std::uint64_t failed, failed_for_good;
    int exit_code;
  };
  const Case cases[] = {
      {EndReason::finished, false, 0, 0, 0}, {EndReason::time, false, 0, 0, 0},     {EndReason::interrupted, false, 0, 0, 0},
      {EndReason::finished, false, 7, 0, 0}, {EndReason::finished, false, 7, 1, 1}, {EndReason::time, false, 1, 1, 1},
      {EndReason::stopped, false, 0, 0, 1},  {EndReason::failed, false, 0, 0, 1},   {EndReason::finished, true, 0, 0, 1},
  };
  for (const Case& c : cases) {
    RunSummary summary = word_count();
    summary.reason = c.reason;
    if (c.failure) summary.failure = "reason";
    summary.totals.components[0].failed = c.failed;
    summary.totals.components[0].failed_for_good = c.failed_for_good;
    EXPECT_EQ(exit_code_of(summary), c.exit_code) << reason_name(c.reason);
    summary.figures["lines"] = {Value::Map{{"left_undone", 0}}, Value::Map{{"left_undone", 1}}};
    EXPECT_EQ(exit_code_of(summary), 1) << reason_name(c.reason);
    EXPECT_THAT(summary_text(summary), testing::HasSubstr("lines: 1 message not done, or not known to be noted as done: "));
  }
}

TEST(Summary, TellsWhatWaitedOnWhichEdge) {
  RunSummary summary = word_count();
  summary.totals.components[1].waits.push_back({.source = 0});
  summary.totals.components[1].waits[0].queue.add(2'000'000);
  const auto json = nlohmann::json::parse(summary_json(summary));
  EXPECT_EQ(json["components"][0]["waits"], nlohmann::json::array());
  ASSERT_EQ(json["components"][1]["waits"].size(), 1u);
  EXPECT_EQ(json["components"][1]["waits"][0]["from"], "lines");
  EXPECT_EQ(json["components"][1]["waits"][0]["queue_ms"]["max"], 2.0);
  EXPECT_EQ(json["components"][1]["waits"][0]["transfer_ms"]["count"], 0);
}

TEST(Summary, IsOneJsonObjectForPrograms) {
  const std::string line = summary_json(word_count());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["topology"], "word-count");
  EXPECT_EQ(json["reason"], "finished");
  EXPECT_EQ(json["exit_code"], 0);
  EXPECT_TRUE(json["failure"].is_null());
  EXPECT_EQ(json["seconds"], 2.0);
  EXPECT_EQ(json["loops"], 2);
  ASSERT_EQ(json["components"].size(), 2u);
  EXPECT_EQ(json["components"][0]["component"], "lines");
  EXPECT_EQ(json["components"][0]["kind"], "spout");
  EXPECT_EQ(json["components"][0]["acked"], 40000);
  EXPECT_EQ(json["components"][0]["acked_per_s"], 20000.0);
  EXPECT_EQ(json["components"][0]["complete_ms"]["p50"], 1.0);
  EXPECT_EQ(json["components"][1]["executed"], 40000);
  EXPECT_EQ(json["components"][1]["capacity"], 0.25);
  EXPECT_EQ(json["components"][1]["execute_ms"]["count"], 40000);
}

}  // namespace
}  // namespace sparse::cli
