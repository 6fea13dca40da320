// How the number of records under way follows the speed of what takes them.
#include "worker/kafka/record_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

namespace sparse::kafka {
namespace {

/// Brokers that answer after `trip`, and take one record in `each`. Their sink always has more to send.
class Brokers {
 public:
  void run(RecordWindow& window, Nanoseconds trip, Nanoseconds each, Nanoseconds span) {
    for (const Nanoseconds end = now_ + span; now_ < end; now_ += kMillisecond) {
      while (!under_way_.empty() && under_way_.front() <= now_) {
        under_way_.pop_front();
        window.delivered(first_++, now_);
      }
      while (under_way_.size() < window.size()) {
        free_at_ = std::max(free_at_, now_) + each;
        under_way_.push_back(free_at_ + trip);
        if (!window.is_timing()) window.sent(next_, now_);
        ++next_;
      }
    }
  }

 private:
  std::deque<Nanoseconds> under_way_;
  std::uint64_t first_ = 1, next_ = 1;
  Nanoseconds now_ = 0, free_at_ = 0;
};

struct Case {
  Nanoseconds trip, each;
  std::uint64_t least, most;
};

TEST(RecordWindow, is_twice_what_fits_between_a_record_and_its_delivery) {
  for (const Case& each :
       {Case{kMillisecond, kMicrosecond, RecordWindow::kLeast, RecordWindow::kLeast},
        Case{50 * kMillisecond, kMicrosecond, 95'000, 125'000}, Case{kSecond, 10 * kMicrosecond, 190'000, 250'000},
        Case{kSecond, kMillisecond, RecordWindow::kLeast, RecordWindow::kLeast}}) {
    RecordWindow window;
    Brokers().run(window, each.trip, each.each, 45 * kSecond);
    EXPECT_GE(window.size(), each.least) << each.trip;
    EXPECT_LE(window.size(), each.most) << each.trip;
  }
}

TEST(RecordWindow, follows_when_the_way_becomes_longer_and_shorter) {
  RecordWindow window;
  Brokers brokers;
  brokers.run(window, kMillisecond, kMicrosecond, 20 * kSecond);
  EXPECT_EQ(window.size(), RecordWindow::kLeast);
  brokers.run(window, 50 * kMillisecond, kMicrosecond, 25 * kSecond);
  EXPECT_GE(window.size(), 90'000u);
  brokers.run(window, kMillisecond, kMicrosecond, 60 * kSecond);
  EXPECT_EQ(window.size(), RecordWindow::kLeast);
}

TEST(RecordWindow, keeps_enough_under_way_where_times_vary) {
  RecordWindow window;
  Nanoseconds now = 0;
  for (std::uint64_t tag = 1; tag < 100; ++tag) {
    window.sent(tag, now);
    now += tag % 10 == 0 ? kMillisecond : 20 * kMillisecond;
    window.delivered(tag, now);
    EXPECT_GE(window.size(), RecordWindow::kLeast);
  }
}

TEST(RecordWindow, measures_nothing_by_a_record_that_fails) {
  RecordWindow window;
  window.sent(1, 0);
  window.failed(2);
  EXPECT_TRUE(window.is_timing());
  window.failed(1);
  EXPECT_FALSE(window.is_timing());
  EXPECT_EQ(window.size(), RecordWindow::kFirst);
}

}  // namespace
}  // namespace sparse::kafka
