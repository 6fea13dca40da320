// When failed messages are emitted again, and when they are lost.
#include "worker/components/retry_queue.h"

#include <gmock/gmock.h>

namespace sparse::worker {
namespace {

using testing::ElementsAre;
using testing::Optional;

std::vector<Nanoseconds> delays_ms(topology::Retry rule, int failures) {
  RetryQueue queue(rule);
  std::vector<Nanoseconds> delays;
  for (int i = 0; i < failures; ++i) {
    const auto at = queue.on_fail(7, "no", kSecond);
    delays.push_back(at ? (*at - kSecond) / kMillisecond : -1);
  }
  return delays;
}

TEST(RetryQueue, doubles_the_delay_from_the_least_to_the_greatest_and_loses_the_message_past_the_limit) {
  EXPECT_THAT(delays_ms({.limit = 5, .delay_min_ms = 100, .delay_max_ms = 1000}, 6), ElementsAre(100, 200, 400, 800, 1000, -1));
  EXPECT_THAT(delays_ms({.limit = 0}, 1), ElementsAre(-1));
  EXPECT_THAT(delays_ms({.limit = -1, .delay_min_ms = 1, .delay_max_ms = 4}, 5), ElementsAre(1, 2, 4, 4, 4));
  EXPECT_THAT(delays_ms({.limit = 3, .delay_min_ms = 0, .delay_max_ms = 0}, 3), ElementsAre(0, 0, 0));
  EXPECT_THAT(delays_ms({.limit = 2, .delay_min_ms = 50, .delay_max_ms = 10}, 2), ElementsAre(50, 50)) << "a range upside down";
}

TEST(RetryQueue, gives_a_message_when_its_time_has_come_the_earliest_first) {
  RetryQueue queue({.limit = 3, .delay_min_ms = 100, .delay_max_ms = 100});
  queue.on_fail(1, "no", 0);
  queue.on_fail(2, "no", 0);
  queue.on_fail(3, "no", -kMillisecond);
  EXPECT_THAT(queue.next_due(), Optional(99 * kMillisecond));
  EXPECT_EQ(queue.take_due(98 * kMillisecond), std::nullopt);
  EXPECT_THAT(queue.take_due(kSecond), Optional(3u));
  EXPECT_THAT(queue.take_due(kSecond), Optional(1u));
  EXPECT_THAT(queue.take_due(kSecond), Optional(2u));
  EXPECT_EQ(queue.take_due(kSecond), std::nullopt);
  EXPECT_TRUE(queue.empty());
}

TEST(RetryQueue, forgets_the_failures_of_an_acked_message) {
  RetryQueue queue({.limit = 1});
  EXPECT_TRUE(queue.on_fail(1, "no", 0));
  queue.on_ack(1);
  EXPECT_TRUE(queue.on_fail(1, "no", 0));
  EXPECT_FALSE(queue.on_fail(1, "no", 0));
}

TEST(RetryQueue, gives_a_lost_message_once_with_the_reason_of_its_last_failure) {
  RetryQueue queue({.limit = 1});
  queue.on_fail(1, "first", 0);
  queue.on_fail(1, "second", 0);
  const auto lost = queue.take_lost();
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->id, 1u);
  EXPECT_EQ(lost->reason, "second");
  EXPECT_FALSE(queue.take_lost());
}

TEST(RetryQueue, is_full_when_too_many_wait) {
  RetryQueue queue;
  for (std::uint64_t id = 0; id < RetryQueue::kWaitingMax; ++id) {
    EXPECT_FALSE(queue.full());
    queue.on_fail(id, "no", 0);
  }
  EXPECT_TRUE(queue.full());
  queue.take_due(kSecond);
  EXPECT_FALSE(queue.full());
}

}  // namespace
}  // namespace sparse::worker
