// How many records of a sink may be under way: twice what fits between a record and its delivery. More do not make writing any
// faster, but each of them has left the processor's cache when it is touched again.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/clock.h"

namespace sparse::kafka {

/// Measures one record at a time, as BBR does with packets (Cardwell et al., "BBR: Congestion-Based Congestion Control", 2016):
/// how long it takes to be delivered, and how many others are delivered meanwhile. Pure.
class RecordWindow {
 public:
  static constexpr std::uint64_t kFirst = 32'768;
  /// Where brokers answer fast and the machine is busy, times vary by far more than twice: then this many keep them supplied.
  static constexpr std::uint64_t kLeast = 16'384;
  static constexpr Nanoseconds kProbeEvery = 10 * kSecond;

  std::uint64_t size() const { return probing_ ? size_ / 4 : size_; }

  /// No two records that are under way have the same tag.
  bool is_timing() const { return timing_; }
  void sent(std::uint64_t tag, Nanoseconds now) {
    timing_ = true;
    tag_ = tag;
    sent_at_ = now;
    delivered_before_ = delivered_;
  }
  void delivered(std::uint64_t tag, Nanoseconds now) {
    ++delivered_;
    if (!timing_ || tag != tag_) return;
    timing_ = false;
    measure(std::max<Nanoseconds>(1, now - sent_at_), delivered_ - delivered_before_, now);
  }
  /// It tells nothing of the way to the brokers and back.
  void failed(std::uint64_t tag) { timing_ &= tag != tag_; }

 private:
  void measure(Nanoseconds took, std::uint64_t meanwhile, Nanoseconds now) {
    // The shortest time is the one without a queue. While the window is used up there is one always: with a quarter of a window,
    // for the time of one record now and then, it goes away.
    if (least_ == 0 || took <= least_ || probing_) {
      least_ = took;
      least_at_ = now;
      probing_ = false;
    } else if (now - least_at_ >= std::max(kProbeEvery, kRounds * least_)) {
      probing_ = true;
    }
    const double rate = static_cast<double>(meanwhile) / static_cast<double>(took);
    rate_ = std::max(rate, rate_ * kFade);  // a record that met a pause of the machine says little of the speed
    size_ = std::max(kLeast, static_cast<std::uint64_t>(2.0 * rate_ * static_cast<double>(least_)));
  }

  static constexpr double kFade = 0.9;
  static constexpr Nanoseconds kRounds = 64;  ///< what a probe costs is small beside as many
  std::uint64_t size_ = kFirst;
  Nanoseconds least_ = 0;     ///< from a record to its delivery
  Nanoseconds least_at_ = 0;  ///< when that was measured
  double rate_ = 0.0;         ///< deliveries in a nanosecond
  bool probing_ = false;

  bool timing_ = false;  ///< the record `tag_`
  std::uint64_t tag_ = 0;
  Nanoseconds sent_at_ = 0;
  std::uint64_t delivered_ = 0, delivered_before_ = 0;
};

}  // namespace sparse::kafka
