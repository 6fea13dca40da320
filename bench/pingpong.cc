// Round trip between two spinning threads, in nanoseconds: figures that cross loops differ 2-5 times between a machine's two
// states (both virtual CPUs on one core complex, or not), so bench/run prints this beside them. Prints one number.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

namespace {

constexpr int kRounds = 200'000;

struct alignas(64) Flag {
  std::atomic<int> value{0};
};

void wait_for(const Flag& flag, int wanted) {
  while (flag.value.load(std::memory_order_acquire) != wanted) __builtin_ia32_pause();
}

}  // namespace

int main() {
  Flag ping, pong;
  std::thread other([&] {
    for (int i = 1; i <= kRounds; ++i) {
      wait_for(ping, i);
      pong.value.store(i, std::memory_order_release);
    }
  });
  const auto start = std::chrono::steady_clock::now();
  for (int i = 1; i <= kRounds; ++i) {
    ping.value.store(i, std::memory_order_release);
    wait_for(pong, i);
  }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  other.join();
  std::printf("%.0f\n", took.count() / kRounds);
  return 0;
}
