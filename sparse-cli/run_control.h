// When a run drains, stops, or is left to itself: decided from the time and from what the user asked.
#pragma once

#include "core/base/clock.h"
#include "sparse-cli/summary.h"

namespace sparse::cli {

struct RunLimits {
  Nanoseconds run_for = 0;               ///< 0: for ever
  Nanoseconds drain_for = 60 * kSecond;  ///< then it stops
  Nanoseconds stop_for = 3 * kSecond;    ///< then nothing more is waited for
  Nanoseconds stuck_for = 15 * kSecond;  ///< a drain in which nothing moves, and a component waits for brokers: then it stops
};

struct RunMoment {
  Nanoseconds elapsed = 0;
  int asked = 0;         ///< how often the user has asked to stop, so far
  bool changed = false;  ///< a watched file
  /// So long nothing has moved; 0 as long as no component says that it waits for something outside the topology.
  Nanoseconds stuck = 0;
};

/// For how long nothing has moved. Pure.
class Stillness {
 public:
  /// `moved`: a sum of counters.
  Nanoseconds look(std::uint64_t moved, Nanoseconds now) {
    if (moved != moved_ || since_ < 0) since_ = now;
    moved_ = moved;
    return now - since_;
  }

 private:
  std::uint64_t moved_ = 0;
  Nanoseconds since_ = -1;
};

enum class RunStep { go_on, drain, stop, abandon };

/// Pure. Each step but `go_on` is answered once, in this order; some may be left out.
class RunControl {
 public:
  explicit RunControl(RunLimits limits) : limits_(limits) {}

  RunStep decide(const RunMoment& moment);
  /// Valid from the first step on; before, the run can only finish by itself.
  EndReason reason() const { return reason_; }
  std::string_view state() const;
  bool is_draining() const { return phase_ == Phase::draining; }
  std::string_view hint() const;

 private:
  enum class Phase { running, draining, stopping, abandoned };
  RunStep enter(Phase phase, EndReason reason, const RunMoment& moment);

  RunLimits limits_;
  Phase phase_ = Phase::running;
  EndReason reason_ = EndReason::finished;
  Nanoseconds since_ = 0;
  int asked_ = 0;  ///< when this phase began
};

}  // namespace sparse::cli
