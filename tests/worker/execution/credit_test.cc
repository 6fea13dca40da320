// How much may wait for a task, and when an emitter without credit goes on.
#include "worker/execution/credit.h"

#include <gtest/gtest.h>

namespace sparse::worker {
namespace {

constexpr Nanoseconds kTimeout = 30 * kSecond;

/// The window after a task has executed many tuples, each taking so long.
std::uint32_t settled(Nanoseconds each, Nanoseconds timeout = kTimeout, int tuples = 100'000) {
  Window window;
  Nanoseconds now = kSecond;
  window.idle(now);
  for (int i = 0; i < tuples; ++i) window.executed(now += each, timeout);
  return window.size();
}

TEST(Window, is_what_a_task_handles_in_an_eighth_of_the_timeout) {
  EXPECT_EQ(settled(kMillisecond), 3750u);
  EXPECT_EQ(settled(10 * kMillisecond), 375u);
  EXPECT_EQ(settled(100 * kMillisecond), 37u);
  EXPECT_EQ(settled(kSecond), kWindowMin);
  EXPECT_EQ(settled(60 * kSecond), kWindowMin);
  EXPECT_EQ(settled(kMicrosecond), kWindowMax);
  EXPECT_EQ(settled(10 * kMillisecond, 8 * kSecond), 100u);
  EXPECT_EQ(settled(10 * kMillisecond, 0), 400u) << "without a timeout: four seconds";
  EXPECT_EQ(settled(0), kWindowMax) << "a clock that stands";
}

TEST(Window, starts_small_and_doubles_at_most) {
  Window window;
  EXPECT_EQ(window.size(), kWindowFirst);
  Nanoseconds now = kSecond;
  window.idle(now);
  std::uint32_t last = window.size();
  for (int i = 0; i < 100'000; ++i)
    if (window.executed(now += kMicrosecond, kTimeout)) {
      EXPECT_EQ(window.size(), std::min(2 * last, kWindowMax));
      last = window.size();
    }
  EXPECT_EQ(last, kWindowMax);
}

TEST(Window, shrinks_when_a_task_becomes_slow) {
  Window window;
  Nanoseconds now = kSecond;
  window.idle(now);
  for (int i = 0; i < 50'000; ++i) window.executed(now += kMicrosecond, kTimeout);
  ASSERT_EQ(window.size(), kWindowMax);
  for (int i = 0; i < 10'000; ++i) window.executed(now += 10 * kMillisecond, kTimeout);
  EXPECT_EQ(window.size(), 375u);
}

TEST(Window, does_not_take_idle_time_for_slowness) {
  Window window;
  Nanoseconds now = kSecond;
  for (int burst = 0; burst < 5000; ++burst) {
    window.idle(now += 10 * kSecond);
    for (int i = 0; i < 20; ++i) window.executed(now += kMillisecond, kTimeout);
  }
  EXPECT_GT(window.size(), kWindowMin);
  EXPECT_GE(window.size(), kWindowFirst);
}

TEST(Credit, is_used_up_after_a_window_of_tuples_and_comes_back_at_half_a_window) {
  CreditLine line;
  line.window = 100;
  Credit credit{.line = &line};
  credit.look();
  credit.sent = 99;
  EXPECT_FALSE(credit.used_up());
  credit.sent = 100;
  EXPECT_TRUE(credit.used_up());
  for (const auto& [taken, refilled] :
       std::vector<std::pair<std::uint64_t, bool>>{{0, false}, {49, false}, {50, true}, {100, true}}) {
    line.taken = taken;
    credit.look();
    EXPECT_EQ(credit.refilled(), refilled) << taken;
  }
}

TEST(Credit, is_used_up_by_bytes_too) {
  CreditLine line;
  Credit credit{.line = &line};
  credit.look();
  credit.sent = 1;
  credit.sent_bytes = kWindowBytes - 1;
  EXPECT_FALSE(credit.used_up());
  credit.sent_bytes = kWindowBytes;
  EXPECT_TRUE(credit.used_up());
  line.taken = 1;
  line.taken_bytes = kWindowBytes / 2 - 1;
  credit.look();
  EXPECT_FALSE(credit.refilled());
  line.taken_bytes = kWindowBytes / 2;
  credit.look();
  EXPECT_TRUE(credit.refilled());
}

TEST(Credit, looks_at_the_line_only_when_asked) {
  CreditLine line;
  Credit credit{.line = &line};
  EXPECT_TRUE(credit.used_up()) << "nothing was seen yet";
  credit.look();
  EXPECT_FALSE(credit.used_up());
  credit.sent = kWindowFirst;
  line.taken = kWindowFirst;
  EXPECT_TRUE(credit.used_up());
  credit.look();
  EXPECT_FALSE(credit.used_up());
}

}  // namespace
}  // namespace sparse::worker
