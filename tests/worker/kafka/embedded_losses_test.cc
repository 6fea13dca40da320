// What is said of records that the embedded broker has dropped.
#include "worker/kafka/embedded_losses.h"

#include <gtest/gtest.h>

namespace sparse::kafka {
namespace {

TEST(EmbeddedLosses, are_told_at_once_and_then_now_and_then) {
  EmbeddedLosses losses("Do that.");
  const std::string begin = "topic t, partition ", middle = ": more was written than the embedded broker keeps: its oldest ";
  const auto text = [&](int partition, const std::string& lost) { return begin + std::to_string(partition) + middle + lost; };
  struct Step {
    int partition;
    std::int64_t first;
    Nanoseconds at;
    std::string said;
  };
  const Step steps[] = {{0, 0, 0, ""},
                        {0, -1001, 0, ""},
                        {0, 1, kSecond, text(0, "1 message is lost. Do that.")},
                        {0, 1, 2 * kSecond, ""},
                        {1, 2000, 2 * kSecond, text(1, "2,000 messages are lost. Do that.")},
                        {0, 5, 3 * kSecond, ""},
                        {0, 7, 11 * kSecond, text(0, "7 messages are lost. Do that.")},
                        {0, 7, 90 * kSecond, ""}};
  for (const Step& step : steps) EXPECT_EQ(losses.seen("t", step.partition, step.first, step.at), step.said) << step.at;
  EXPECT_EQ(losses.seen("t", 0, 8, 91 * kSecond), text(0, "8 messages are lost. Do that."));
  EXPECT_EQ(losses.seen("t", 0, 9, 92 * kSecond), "");
  EXPECT_EQ(losses.seen_last("t", 0, 9), text(0, "9 messages are lost. Do that.")) << "what was not told yet";
  EXPECT_EQ(losses.seen_last("t", 1, 2000), "");
  EXPECT_EQ(losses.seen_last("t", 2, 0), "");
}

}  // namespace
}  // namespace sparse::kafka
