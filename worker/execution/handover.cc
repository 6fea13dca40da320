#include "worker/execution/handover.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace sparse::worker {
namespace {

constexpr int kBlocks = 50, kRoundsPerBlock = 20;
constexpr std::chrono::milliseconds kToBegin{10}, kToMeet{8}, kLongest{2};

using Time = std::chrono::steady_clock;

struct alignas(64) Flag {
  std::atomic<int> value{0};
};

constexpr int kOver = -1;

/// False if it takes too long, or is over.
bool wait_for(const Flag& flag, int wanted, Time::time_point until) {
  for (int left = 1;; ++left) {
    const int value = flag.value.load(std::memory_order_acquire);
    if (value == wanted) return true;
    if (value == kOver) return false;
    if (left % 1024 == 0 && Time::now() > until) return false;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
}

/// The shortest round trip of several, in nanoseconds: whatever else runs can only make it longer.
std::optional<double> shortest_round(Flag& ping, const Flag& pong) {
  std::optional<double> shortest;
  // Where something else runs, too, it may take a while until both have a core at the same time.
  Time::time_point until = Time::now() + kToMeet;
  for (int block = 0, i = 0; block < kBlocks; ++block) {
    const Time::time_point start = Time::now();
    for (int left = kRoundsPerBlock; left > 0; --left) {
      ping.value.store(++i, std::memory_order_release);
      if (!wait_for(pong, i, until)) return shortest;
    }
    const double round = std::chrono::duration<double, std::nano>(Time::now() - start).count() / kRoundsPerBlock;
    if (!shortest) until = Time::now() + kLongest;
    shortest = std::min(shortest.value_or(round), round);
  }
  return shortest;
}

/// Keeps the calling thread on one core as long as it lives.
class OnCore {
 public:
  explicit OnCore(int core) {
    if (pthread_getaffinity_np(pthread_self(), sizeof before_, &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    pinned_ = pthread_setaffinity_np(pthread_self(), sizeof one, &one) == 0;
  }
  ~OnCore() {
    if (pinned_) pthread_setaffinity_np(pthread_self(), sizeof before_, &before_);
  }
  OnCore(const OnCore&) = delete;
  OnCore& operator=(const OnCore&) = delete;

 private:
  cpu_set_t before_ = {};
  bool pinned_ = false;
};

/// Another core than this that the thread may use; -1 if there is none.
int another_core(int core) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (core < 0 || pthread_getaffinity_np(pthread_self(), sizeof allowed, &allowed) != 0) return -1;
  for (int step = 1; step < CPU_SETSIZE; ++step)
    if (const int other = (core + step) % CPU_SETSIZE; CPU_ISSET(other, &allowed)) return other;
  return -1;
}

}  // namespace

std::optional<double> measure_handover() {
  const int own_core = sched_getcpu(), other_core = another_core(own_core);
  if (other_core < 0) return std::nullopt;
  const OnCore here(own_core);  // where others compete for the cores, both would share one
  Flag ping, pong;
  std::promise<void> begun;
  std::jthread other([&] {
    const OnCore there(other_core);
    begun.set_value();
    const Time::time_point until = Time::now() + kToBegin + kToMeet + kLongest;
    for (int i = 1; i <= kBlocks * kRoundsPerBlock; ++i) {
      if (!wait_for(ping, i, until)) return;
      pong.value.store(i, std::memory_order_release);
    }
  });
  std::optional<double> shortest;
  if (begun.get_future().wait_for(kToBegin) == std::future_status::ready) shortest = shortest_round(ping, pong);
  ping.value.store(kOver, std::memory_order_release);
  if (shortest) *shortest /= 4;
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
