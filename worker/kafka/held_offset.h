// How long a partition's committable offset has not moved, and when that is worth a word. Pure: the time is passed in.
#pragma once

#include <cstdint>

#include "core/base/clock.h"

namespace sparse::kafka {

class HeldOffset {
 public:
  /// Where the offset is now; it is held only while something at or after it was emitted and is not done.
  void look(std::int64_t offset, bool is_open, Nanoseconds now) {
    if (offset == offset_ && is_open && is_open_) return;
    offset_ = offset;
    since_ = told_at_ = now;
    is_open_ = is_open;
  }
  Nanoseconds age(Nanoseconds now) const { return is_open_ ? now - since_ : 0; }
  bool is_stuck(Nanoseconds now) const { return age(now) >= kStuck; }
  /// True once a minute.
  bool has_to_be_told(Nanoseconds now) {
    if (!is_stuck(now) || now - told_at_ < kStuck) return false;
    told_at_ = now;
    return true;
  }

 private:
  static constexpr Nanoseconds kStuck = 60 * kSecond;
  std::int64_t offset_ = -1;
  Nanoseconds since_ = 0, told_at_ = 0;
  bool is_open_ = false;
};

}  // namespace sparse::kafka
