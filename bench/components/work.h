// A bolt that costs as much as it is told to, and passes its input on.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <thread>

#include <sparse/sdk.h>

#include "report.h"

namespace bench {

/// Instructions that take a given time on a core of its own: a thread that is preempted does not get them done meanwhile, as a
/// loop that looked at the clock would.
class Work {
 public:
  static Work of(std::chrono::nanoseconds time) {
    constexpr std::uint64_t kRounds = 20'000;
    double fastest = std::numeric_limits<double>::max();  // nanoseconds a round
    for (int i = 0; i < 30; ++i) {
      const auto start = std::chrono::steady_clock::now();
      spin(kRounds);
      const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
      fastest = std::min(fastest, took.count() / kRounds);
    }
    return Work(static_cast<std::uint64_t>(static_cast<double>(time.count()) / fastest));
  }
  Work() = default;
  void operator()() const { spin(rounds_); }

 private:
  explicit Work(std::uint64_t rounds) : rounds_(rounds) {}
  static void spin(std::uint64_t rounds) {
    std::uint64_t value = rounds;
    for (; rounds > 0; --rounds) {
      value = value * 6'364'136'223'846'793'005u + 1;
      asm volatile("" : "+r"(value));
    }
  }
  std::uint64_t rounds_ = 0;
};

/// `ns`: what a tuple costs. `sleep`: the thread waits that long instead, as for an answer from elsewhere.
class WorkBolt final : public sparse::Bolt {
 public:
  void open(sparse::Context& context) override {
    report_.open(context);
    time_ = std::chrono::nanoseconds(context.option("ns", std::int64_t{0}));
    sleeps_ = context.option("sleep", false);
    if (!sleeps_ && time_.count() > 0) work_ = Work::of(time_);
  }
  void execute(const sparse::Tuple& input, sparse::Output& out) override {
    ++count_;
    if (sleeps_)
      std::this_thread::sleep_for(time_);
    else
      work_();
    out.emit(input[0]);
  }
  void close() override { report_.write({{"executed", count_}}); }

 private:
  Report report_;
  Work work_;
  std::chrono::nanoseconds time_{0};
  bool sleeps_ = false;
  std::uint64_t count_ = 0;
};

}  // namespace bench
