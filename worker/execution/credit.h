// Back-pressure between loops: how many tuples and bytes one loop may have under way to one task.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "core/base/clock.h"

namespace sparse::worker {

inline constexpr std::uint32_t kWindowMax = 8192;  ///< tuples; at least four batches, or wake-ups dominate
inline constexpr std::uint32_t kWindowMin = 4;
inline constexpr std::uint32_t kWindowFirst = 16;
inline constexpr std::uint64_t kWindowBytes = 1u << 20;
inline constexpr std::uint64_t kCycleBytesMax = 64u << 20;  ///< waiting on edges that close a cycle; spouts pause at half

/// The consumer's side: written by the target task's loop, read by the producer's. One for each producing loop and target task.
struct alignas(64) CreditLine {
  std::atomic<std::uint64_t> taken{0};
  std::atomic<std::uint64_t> taken_bytes{0};
  std::atomic<std::uint32_t> window{kWindowFirst};
  // Of the consumer alone, where the producer is another worker's.
  std::uint64_t announced = 0;
  bool to_announce = false;
};

/// The producer's side. Taken at emit, returned when the target has executed the tuple.
struct Credit {
  std::uint64_t sent = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t limit = 0;  ///< as seen last; the line is read only when it is used up
  std::uint64_t limit_bytes = 0;
  CreditLine* line = nullptr;  ///< the consumer's, or for another worker a mirror of it
  bool blocked = false;

  void look() {
    limit = line->taken.load(std::memory_order_acquire) + line->window.load(std::memory_order_relaxed);
    limit_bytes = line->taken_bytes.load(std::memory_order_relaxed) + kWindowBytes;
  }
  bool used_up() const { return sent >= limit || sent_bytes >= limit_bytes; }
  /// Enough to start again: half a window is free.
  bool refilled() const {
    return sent + line->window.load(std::memory_order_relaxed) / 2 <= limit && sent_bytes + kWindowBytes / 2 <= limit_bytes;
  }
  /// The line may for a moment still say what a former life of the target's worker had taken.
  std::uint64_t bytes_under_way() const {
    return sent_bytes - std::min(sent_bytes, line->taken_bytes.load(std::memory_order_relaxed));
  }
};

/// How many tuples may wait for one task: what it handles in an eighth of the message timeout, measured as it works, so that
/// waiting alone times nothing out. Pure; lives on the task's loop.
class Window {
 public:
  std::uint32_t size() const { return size_; }
  /// The task has executed one more tuple. True if the size changed.
  bool executed(Nanoseconds now, Nanoseconds timeout) {
    if (++count_ < size_) return false;
    const Nanoseconds took = std::max<Nanoseconds>(1, now - since_);
    const auto old = size_;
    const Nanoseconds span = timeout == 0 ? 4 * kSecond : timeout / 8;
    const double handled = static_cast<double>(count_) * static_cast<double>(span) / static_cast<double>(took);
    const double wanted = std::min(handled, 2.0 * size_);
    size_ = static_cast<std::uint32_t>(std::clamp(wanted, double{kWindowMin}, double{kWindowMax}));
    count_ = 0;
    since_ = now;
    return size_ != old;
  }
  /// The task had nothing to do: idle time says nothing about its speed.
  void idle(Nanoseconds now) {
    count_ = 0;
    since_ = now;
  }

 private:
  std::uint32_t size_ = kWindowFirst;
  std::uint32_t count_ = 0;
  Nanoseconds since_ = 0;
};

}  // namespace sparse::worker
