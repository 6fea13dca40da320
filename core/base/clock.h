// The only way to ask for the time: passed in, so that tests and the simulator can own it.
#pragma once

#include <cstdint>

namespace sparse {

using Nanoseconds = std::int64_t;
inline constexpr Nanoseconds kMicrosecond = 1000;
inline constexpr Nanoseconds kMillisecond = 1000 * kMicrosecond;
inline constexpr Nanoseconds kSecond = 1000 * kMillisecond;

/// Monotonic time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Nanoseconds now() const = 0;
};

/// CLOCK_MONOTONIC.
class SystemClock final : public Clock {
 public:
  Nanoseconds now() const override;
};

/// Milliseconds since 1970, by the wall: for times that other systems gave, never for intervals.
std::int64_t unix_milliseconds();

/// Stands still until it is moved. Thread-compatible.
class ManualClock final : public Clock {
 public:
  Nanoseconds now() const override { return now_; }
  void advance(Nanoseconds by) { now_ += by; }
  void set(Nanoseconds now) { now_ = now; }

 private:
  Nanoseconds now_ = kSecond;
};

}  // namespace sparse
