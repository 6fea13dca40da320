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
