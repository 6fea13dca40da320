#include "worker/execution/handover.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace sparse::worker {
namespace {

constexpr int kBlocks = 20, kRoundsPerBlock = 50;
constexpr std::chrono::milliseconds kToBegin{10}, kLongest{3};

using Time = std::chrono::steady_clock;

struct alignas(64) Flag {
  std::atomic<int> value{0};
};

/// False if it takes too long.
bool wait_for(const Flag& flag, int wanted, Time::time_point until) {
  for (int left = 1;; ++left) {
    if (flag.value.load(std::memory_order_acquire) == wanted) return true;
    if (left % 1024 == 0 && Time::now() > until) return false;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
}

}  // namespace

std::optional<double> measure_handover() {
  Flag ping, pong;
  std::promise<void> begun;
  std::jthread other([&] {
    begun.set_value();
    const Time::time_point until = Time::now() + 2 * kLongest;
    for (int i = 1; i <= kBlocks * kRoundsPerBlock; ++i) {
      if (!wait_for(ping, i, until)) return;
      pong.value.store(i, std::memory_order_release);
    }
  });
  // Asleep until the other one spins, this thread is woken on another core than that.
  if (begun.get_future().wait_for(kToBegin) != std::future_status::ready) return std::nullopt;
  // The shortest of several: whatever else runs can only make it longer.
  std::optional<double> shortest;
  const Time::time_point until = Time::now() + kLongest;
  for (int block = 0, i = 0; block < kBlocks; ++block) {
    const Time::time_point start = Time::now();
    for (int left = kRoundsPerBlock; left > 0; --left) {
      ping.value.store(++i, std::memory_order_release);
      if (!wait_for(pong, i, until)) return shortest;
    }
    const double round = std::chrono::duration<double, std::nano>(Time::now() - start).count() / kRoundsPerBlock;
    shortest = std::min(shortest.value_or(round / 4), round / 4);
  }
  return shortest;
}

Nanoseconds measure_clock(const Clock& clock) {
  Nanoseconds shortest = kSecond;
  for (int block = 0; block < 10; ++block) {
    const Nanoseconds begun = clock.now();
    Nanoseconds last = begun;
    for (int left = 50; left > 0; --left) last = clock.now();
    shortest = std::min(shortest, (last - begun) / 50);
  }
  return shortest;
}

}  // namespace sparse::worker
