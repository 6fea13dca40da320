#include "worker/execution/loop_thread.h"

#include <sys/prctl.h>

#include <algorithm>

#include "worker/execution/crash_report.h"
#include "worker/execution/loop.h"

namespace sparse::worker {
namespace {

constexpr Nanoseconds kSpin = 5 * kMicrosecond;

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// Looks for input a few microseconds longer before the thread sleeps, if no other loop of the worker does the same and a core
/// is free for it: a wake-up costs about 20 µs. True if there is input.
bool spin(Loop& loop, std::optional<Nanoseconds> due) {
  WorkerShared& shared = loop.shared;
  if (shared.plan.placement.shared_loops > shared.cores || shared.cores < 2) return false;
  if (shared.spinners.exchange(1) != 0) return false;
  const Clock& clock = *shared.options.clock;
  const Nanoseconds until = std::min(clock.now() + kSpin, due.value_or(std::numeric_limits<Nanoseconds>::max()));
  bool found = false;
  while (!(found = loop.has_input()) && clock.now() < until) relax();
  shared.spinners.store(0);
  return found;
}

void sleep(Loop& loop) {
  WorkerShared& shared = loop.shared;
  Sleeper& sleeper = shared.sleepers[loop.index];
  sleeper.state.store(loop.waits_for_others() ? Sleeper::kWaitsForCredit : Sleeper::kSleeps);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const bool must_look = loop.must_look() || shared.stopping.load() || shared.standstill.is_wanted();
  const auto due = loop.deadline();
  const Nanoseconds now = shared.options.clock->now();
  if (!must_look && (!due || *due > now)) {
    std::vector<Poller::Ready> ready;
    loop.poller.wait(due ? std::min(*due - now, 60 * kSecond) : 60 * kSecond, ready);
    sleeper.state.store(Sleeper::kAwake);
    if (!ready.empty()) {
      loop.now = shared.options.clock->now();
      loop.serve(ready);
    }
  }
  sleeper.state.store(Sleeper::kAwake);
}

}  // namespace

void run_loop_thread(Loop& loop) {
  WorkerShared& shared = loop.shared;
  const HandlerStack handler_stack;
  ::prctl(PR_SET_TIMERSLACK, 1);
  loop.open_tasks();
  while (!shared.stopping.load(std::memory_order_relaxed)) {
    if (shared.standstill.is_wanted()) shared.standstill.stand();
    if (loop.round() || loop.flush_all()) continue;
    if (loop.stats_due()) loop.publish_stats();
    loop.begin_idle(shared.options.clock->now());
    if (!spin(loop, loop.deadline())) sleep(loop);
    loop.end_idle(shared.options.clock->now());
  }
  loop.close_tasks();
  loop.publish_stats();
}

}  // namespace sparse::worker
