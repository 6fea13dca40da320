// What a sink says of its records: reason and remedy, when it is silent and when they fail.
#include "worker/kafka/sink_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sparse::kafka {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kBrokers = "b:9092";

std::string trouble_of(const Result<std::vector<TopicInfo>>& answer, std::string_view heard, std::string_view topic) {
  return std::string(troubles_of(answer, heard, kBrokers).of(topic));
}

TEST(Troubles, name_brokers_topic_and_reason) {
  const std::vector<TopicInfo> found = {
      {.name = "well", .partitions = 2},
      {.name = "gone", .failure = {.code = kUnknownTopic, .text = "Unknown topic (UNKNOWN_TOPIC_OR_PART)"}},
      {.name = "lost", .partitions = 2, .leaderless = 1}};
  EXPECT_EQ(trouble_of(found, "", "well"), "");
  EXPECT_EQ(trouble_of(found, "", "unasked"), "");
  EXPECT_EQ(trouble_of(found, "", "gone"), "topic gone cannot be written at b:9092: Unknown topic (UNKNOWN_TOPIC_OR_PART)");
  EXPECT_EQ(trouble_of(found, "", "lost"), "topic lost, partition 1 cannot be written at b:9092: no broker leads it (NO_LEADER)");
  EXPECT_THAT(trouble_of(found, "", ""), StartsWith("topic gone ")) << "a sink of many topics tells any";
  EXPECT_EQ(trouble_of(Error{"timed out"}, "", "gone"), "no broker of b:9092 answers (timed out)");
  EXPECT_EQ(trouble_of(Error{"timed out"}, "b:9092: refused", "any"), "no broker of b:9092 answers (b:9092: refused)");
}

struct Step {
  int second;
  char event;  ///< `d`: a record is delivered, `f`: one fails, `r`: one is refused, `-`: nothing
  std::uint64_t waiting;
  std::string_view trouble;
  std::string_view state;  ///< a part of it
};

TEST(SinkHealth, is_told_with_reason_and_remedy) {
  constexpr std::string_view missing = "topic t cannot be written at b: Unknown topic (UNKNOWN_TOPIC_OR_PART)";
  constexpr std::string_view failure = "not delivered to topic t, partition 1 at b: too large (MSG_SIZE_TOO_LARGE)";
  const std::vector<std::vector<Step>> courses = {
      {{0, 'd', 0, "", "well"}, {100, '-', 0, missing, "well"}},
      {{0, 'd', 5, "", "well"},
       {2, '-', 5, missing, "well"},
       {4, '-', 5, "", "5 records wait for 4 s: nothing is delivered to b:9092; check that"},
       {5, '-', 1, missing,
        "1 record waits for 5 s: topic t cannot be written at b: Unknown topic (UNKNOWN_TOPIC_OR_PART); create it"},
       {6, 'd', 1, missing, "well"}},
      // What cannot be written at all fails at once: nothing waits.
      {{0, 'f', 0, "", "not delivered to topic t, partition 1 at b: too large (MSG_SIZE_TOO_LARGE); make max.message.bytes"},
       {1, '-', 0, missing, "create it, or correct its name; sparse keeps trying"},
       {90, '-', 0, missing, "create it"},
       {91, 'd', 0, "", "well"}},
      // Others may be delivered meanwhile.
      {{0, 'f', 0, "", "not delivered"},
       {1, 'd', 0, "", "not delivered"},
       {9, 'd', 0, "", "not delivered"},
       {11, 'd', 0, "", "well"}},
      // Records that are refused say nothing of the next.
      {{0, 'r', 0, "", "not delivered"}, {9, '-', 0, "", "not delivered"}, {11, '-', 0, "", "well"}}};
  for (const auto& course : courses) {
    SinkHealth health;
    for (const Step& step : course) {
      const Nanoseconds now = (1000 + step.second) * kSecond;
      if (step.event == 'd') health.delivered(now);
      if (step.event == 'f' || step.event == 'r') health.failed(failure, step.event == 'r', now);
      const std::string state = health.state(step.waiting, step.trouble, kBrokers, now);
      EXPECT_THAT(state, HasSubstr(step.state)) << "second " << step.second;
      EXPECT_EQ(health.asks(step.waiting, now), state != "well" || step.second == 2) << "second " << step.second;
    }
  }
}

TEST(SinkHealth, at_the_end_a_failure_is_over_if_a_record_was_delivered_since) {
  for (const bool delivered : {true, false}) {
    SinkHealth health;
    health.failed("late", false, 1000 * kSecond);
    if (delivered) health.delivered(1001 * kSecond);
    health.ends();
    EXPECT_EQ(health.state(0, "", kBrokers, 1001 * kSecond), delivered ? "well" : "late");
  }
}

TEST(SinkHealth, has_news_once_for_each_change) {
  SinkHealth health;
  health.delivered(1000 * kSecond);
  const auto news = [&](int second, std::string_view trouble) {
    return health.news(3, trouble, kBrokers, (1000 + second) * kSecond).value_or("-");
  };
  EXPECT_EQ(news(1, ""), "-");
  EXPECT_THAT(news(4, ""), StartsWith("nothing is delivered to b:9092"));
  EXPECT_EQ(news(5, ""), "-");
  EXPECT_THAT(news(6, "no broker answers (refused)"), AllOf(StartsWith("no broker answers"), HasSubstr("; check that ")));
  EXPECT_EQ(news(7, "no broker answers (refused)"), "-");
  health.failed("late (_MSG_TIMED_OUT)", false, 1008 * kSecond);
  EXPECT_EQ(news(8, ""), "-") << "a failure is told when it comes";
  health.delivered(1030 * kSecond);
  EXPECT_EQ(news(31, ""), "");
  EXPECT_EQ(news(32, ""), "-");
}

}  // namespace
}  // namespace sparse::kafka
