// One lane between two lives of two workers: each frame once, in order, over a network that loses, doubles and delays.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "worker/transport/transport.h"

namespace sparse::worker {

/// The sending side: keeps frames until they are confirmed, and says which to send again (go-back-N). Pure.
class LaneSender {
 public:
  /// The number of the next frame.
  std::uint64_t next() const { return next_; }
  /// `frame` has been sent as number next().
  void sent(FrameBytes frame, Nanoseconds now) {
    if (unconfirmed_.empty()) resend_at_ = now + delay_;
    unconfirmed_.push_back(std::move(frame));
    ++next_;
  }
  void confirmed(std::uint64_t sequence, Nanoseconds now) {
    if (sequence >= next_) return;  // of a former life, or a lie
    bool any = false;
    for (; first() <= sequence; any = true) unconfirmed_.pop_front();
    if (!any) return;
    delay_ = kDelayMin;
    resend_at_ = now + delay_;
  }
  /// The receiver sees a gap. Frames that were under way when it said so would be sent twice: not more often than kGapDelay.
  void gap(Nanoseconds now) { resend_at_ = std::min(resend_at_, std::max(now, resent_at_ + kGapDelay)); }
  bool due(Nanoseconds now) const { return !unconfirmed_.empty() && now >= resend_at_; }
  /// The frames to send again now; the caller brings them up to date.
  std::deque<FrameBytes>& resend(Nanoseconds now) {
    resent_at_ = now;
    resend_at_ = now + delay_;
    delay_ = std::min(kDelayMax, delay_ * 2);
    return unconfirmed_;
  }
  bool idle() const { return unconfirmed_.empty(); }
  Nanoseconds resend_at() const { return resend_at_; }
  /// The peer lives again: nothing of this is known to it.
  void reset() { *this = LaneSender(); }

 private:
  static constexpr Nanoseconds kDelayMin = 50 * kMillisecond, kDelayMax = kSecond, kGapDelay = 5 * kMillisecond;
  std::uint64_t first() const { return unconfirmed_.empty() ? next_ : next_ - unconfirmed_.size(); }

  std::uint64_t next_ = 1;
  std::deque<FrameBytes> unconfirmed_;
  Nanoseconds delay_ = kDelayMin;
  Nanoseconds resend_at_ = 0, resent_at_ = 0;
};

/// The receiving side. Pure.
class LaneReceiver {
 public:
  enum class Arrival { next, duplicate, gap };
  Arrival arrived(std::uint64_t sequence) {
    if (sequence == confirmed_ + 1) {
      ++confirmed_;
      return Arrival::next;
    }
    return sequence <= confirmed_ ? Arrival::duplicate : Arrival::gap;
  }
  std::uint64_t confirmed() const { return confirmed_; }
  void reset() { confirmed_ = 0; }

 private:
  std::uint64_t confirmed_ = 0;
};

}  // namespace sparse::worker
