// A partition whose committable offset does not move: since when, whether that is worth a word, and which. Pure: the time is
// passed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace sparse::kafka {

class HeldOffset {
 public:
  /// Where the offset is now, and how often its message has failed; it is held only while something at or after it was emitted
  /// and is not done.
  void look(std::int64_t offset, bool is_open, Nanoseconds now, std::int64_t failures = 0) {
    failures_ = failures;
    if (offset == offset_ && is_open && is_open_) return;
    offset_ = offset;
    since_ = now;
    is_open_ = is_open;
  }
  Nanoseconds age(Nanoseconds now) const { return is_open_ ? now - since_ : 0; }
  /// Once is an accident.
  bool is_stuck(Nanoseconds now) const { return is_open_ && (failures_ >= kFailures || age(now) >= kStuck); }
  /// True at first, and once a minute from then on.
  bool has_to_be_told(Nanoseconds now) {
    if (!is_stuck(now) || (told_at_ && now - *told_at_ < kStuck)) return false;
    told_at_ = now;
    return true;
  }

 private:
  static constexpr std::int64_t kFailures = 2;
  static constexpr Nanoseconds kStuck = 60 * kSecond;
  std::int64_t offset_ = -1, failures_ = 0;
  Nanoseconds since_ = 0;
  std::optional<Nanoseconds> told_at_ = {};
  bool is_open_ = false;
};

/// What holds a partition.
struct Held {
  std::string_view topic = {};
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  Nanoseconds age = 0;
  std::int64_t failures = 0;          ///< of the message there
  std::string_view last_reason = {};  ///< of these
  std::size_t later = 0;              ///< messages that were emitted after it
  std::int64_t full = 0;              ///< `max-uncommitted`, if nothing more is emitted because of it
  bool goes_to_dead_letters = false;  ///< if it fails often enough
};

/// For people, with what to do.
std::string held_text(const Held& held);

}  // namespace sparse::kafka
