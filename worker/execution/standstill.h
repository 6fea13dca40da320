// All loops of a worker stop between two steps, so that one thread may change what is theirs.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "core/base/clock.h"

namespace sparse::worker {

/// A loop that is in a long step does not stop, and nobody waits for it longer than this.
inline constexpr Nanoseconds kStopAtMost = 10 * kMillisecond;

class Standstill {
 public:
  /// For the loops: one load, between any two steps.
  bool is_wanted() const { return wanted_.load(std::memory_order_relaxed); }
  /// A loop's thread, between two rounds, if it is wanted. Returns when it is over.
  void stand() {
    std::unique_lock lock(mutex_);
    ++standing_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !is_wanted(); });
    --standing_;
  }

  /// From a thread that runs no loop: does `work` while all `loops` stand. False, without it, if they do not all stand in time.
  bool during(std::uint32_t loops, Nanoseconds at_most, const std::function<void()>& wake_all,
              const std::function<void()>& work) {
    wanted_.store(true);
    const Release release{*this};
    wake_all();
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_for(lock, std::chrono::nanoseconds(at_most), [&] { return standing_ == loops; })) return false;
    }
    work();
    return true;
  }

 private:
  /// Also if `work` throws: loops that stand would never go on.
  struct Release {
    ~Release() {
      const std::lock_guard lock(standstill.mutex_);
      standstill.wanted_.store(false);
      standstill.changed_.notify_all();
    }
    Standstill& standstill;
  };

  std::atomic<bool> wanted_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t standing_ = 0;
};

}  // namespace sparse::worker
