// What counts as a try, when a message is tried again, and when too much fails.
#include "worker/kafka/retry_plan.h"

#include <gtest/gtest.h>

namespace sparse::kafka {
namespace {

constexpr RetryRule kRule{.limit = 2, .delay_min = 100, .delay_max = 300};

TEST(FailureKind, is_told_by_the_reason) {
  for (const char* own :
       {"no such user", "timeout", "timeout while asking the database", "moved away", "worker 2 was lost in thought"})
    EXPECT_EQ(kind_of(own), FailureKind::bolt) << own;
  EXPECT_EQ(kind_of("timeout: the tree was not complete in time (topology.message.timeout.secs)"), FailureKind::timeout);
  EXPECT_EQ(kind_of("worker 2 was lost with tuples of this tree"), FailureKind::death);
  EXPECT_EQ(kind_of("the child of component \"split\" died: exit code 1"), FailureKind::death);
  EXPECT_EQ(kind_of("Kafka refuses the record: too large"), FailureKind::refused);
  EXPECT_EQ(kind_of("Kafka sink: not delivered to topic t"), FailureKind::sink);
}

TEST(RetryPlan, counts_only_the_bolts_own_word_as_a_try) {
  RetryPlan plan(kRule);
  Nanoseconds now = 0;
  for (const FailureKind kind : {FailureKind::timeout, FailureKind::sink, FailureKind::death, FailureKind::timeout})
    EXPECT_TRUE(plan.on_failure(1, kind, now++));
  EXPECT_TRUE(plan.on_failure(1, FailureKind::bolt, now));
  EXPECT_TRUE(plan.on_failure(1, FailureKind::bolt, now));
  EXPECT_FALSE(plan.on_failure(1, FailureKind::bolt, now));
}

TEST(RetryPlan, waits_twice_as_long_each_time_up_to_the_most) {
  RetryPlan plan(RetryRule{.limit = -1, .delay_min = 100, .delay_max = 300});
  Nanoseconds now = 0;
  for (const Nanoseconds delay : {100, 200, 300, 300}) {
    ASSERT_TRUE(plan.on_failure(1, FailureKind::bolt, now));
    EXPECT_EQ(plan.next_due(), now + delay);
    EXPECT_FALSE(plan.take_due(now + delay - 1));
    now += delay;
    EXPECT_EQ(plan.take_due(now), 1u);
  }
  plan.on_done(1);
  EXPECT_TRUE(plan.empty());
}

TEST(RetryPlan, knows_why_a_message_failed_last_until_it_has_a_verdict) {
  RetryPlan plan(kRule);
  EXPECT_EQ(plan.history(1), nullptr);
  plan.on_failure(1, FailureKind::timeout, 0, "late");
  plan.on_failure(1, FailureKind::timeout, 0, std::string(10'000, 'x'));
  ASSERT_NE(plan.history(1), nullptr);
  EXPECT_EQ(plan.history(1)->failures, 2);
  EXPECT_EQ(plan.history(1)->last_reason, std::string(200, 'x'));
  plan.on_failure(1, FailureKind::bolt, 0, std::string(199, 'x') + "\xc3\xa9");
  EXPECT_EQ(plan.history(1)->last_reason, std::string(199, 'x')) << "no half characters";
  plan.on_failure(1, FailureKind::timeout, 0, "no such user\n  at line 7");
  EXPECT_EQ(plan.history(1)->last_reason, "no such user");
  plan.on_done(1);
  EXPECT_EQ(plan.history(1), nullptr);
}

TEST(RetryPlan, tries_what_was_under_way_at_a_death_one_at_a_time) {
  RetryPlan plan(kRule);
  for (const std::uint64_t id : {1, 2, 3}) ASSERT_TRUE(plan.on_failure(id, FailureKind::death, 0));
  EXPECT_EQ(plan.take_due(1000), 1u);
  EXPECT_FALSE(plan.take_due(1000));
  EXPECT_FALSE(plan.next_due());
  ASSERT_TRUE(plan.on_failure(1, FailureKind::death, 1000));  // it was this one
  EXPECT_EQ(plan.take_due(2000), 2u);
  plan.on_done(2);
  EXPECT_EQ(plan.take_due(2000), 3u);
}

TEST(RetryPlan, lets_no_suspect_wait_for_the_long_pause_of_another) {
  RetryPlan plan({.limit = -1, .delay_min = 100, .delay_max = 10'000});
  for (Nanoseconds now = 0; now < 1000; now += 400) {
    plan.on_failure(1, FailureKind::death, now);
    ASSERT_EQ(plan.take_due(now + 400), 1u);
  }
  plan.on_failure(1, FailureKind::death, 2000);
  plan.on_failure(2, FailureKind::death, 2000);
  EXPECT_EQ(plan.next_due(), 2100);
  EXPECT_EQ(plan.take_due(2100), 2u);
}

TEST(RetryPlan, counts_a_refusal_only_of_what_was_tried_alone) {
  RetryPlan plan({.limit = 0, .delay_min = 0});
  for (const std::uint64_t id : {1, 2, 3}) EXPECT_TRUE(plan.on_failure(id, FailureKind::refused, 0));  // one batch
  EXPECT_EQ(plan.take_due(0), 1u);
  EXPECT_EQ(plan.take_due(0), std::nullopt);
  plan.on_done(1);
  EXPECT_EQ(plan.take_due(0), 2u);
  EXPECT_FALSE(plan.on_failure(2, FailureKind::refused, 0));
  EXPECT_EQ(plan.take_due(0), 3u);
  plan.on_done(3);
  EXPECT_TRUE(plan.empty());
}

TEST(DeadLetterGate, closes_over_one_in_twenty_within_a_minute_and_opens_again) {
  DeadLetterGate gate;
  for (int i = 0; i < 9; ++i) gate.dead(kSecond);
  EXPECT_FALSE(gate.degraded(kSecond)) << "a few are no pattern";
  gate.dead(kSecond);
  EXPECT_TRUE(gate.degraded(2 * kSecond));
  EXPECT_FALSE(gate.degraded(61 * kSecond));
  for (int i = 0; i < 190; ++i) gate.done(70 * kSecond);
  for (int i = 0; i < 10; ++i) gate.dead(70 * kSecond);
  EXPECT_FALSE(gate.degraded(70 * kSecond)) << "exactly 5 %";
  gate.dead(70 * kSecond);
  EXPECT_TRUE(gate.degraded(70 * kSecond));
}

}  // namespace
}  // namespace sparse::kafka
