#include "sparse-cli/run_control.h"

#include <algorithm>

namespace sparse::cli {

RunStep RunControl::enter(Phase phase, EndReason reason, const RunMoment& moment) {
  phase_ = phase;
  reason_ = reason;
  since_ = moment.elapsed;
  asked_ = moment.asked;
  return phase == Phase::draining ? RunStep::drain : phase == Phase::stopping ? RunStep::stop : RunStep::abandon;
}

RunStep RunControl::decide(const RunMoment& moment) {
  const int asked = moment.asked - asked_;
  const Nanoseconds spent = moment.elapsed - since_;
  switch (phase_) {
    case Phase::running:
      if (asked > 1) return enter(Phase::stopping, EndReason::stopped, moment);
      if (asked > 0) return enter(Phase::draining, EndReason::interrupted, moment);
      if (moment.changed) return enter(Phase::stopping, EndReason::changed, moment);
      if (limits_.run_for > 0 && moment.elapsed >= limits_.run_for) return enter(Phase::draining, EndReason::time, moment);
      break;
    case Phase::draining:
      if (asked > 0 || spent >= limits_.drain_for || std::min(moment.stuck, spent) >= limits_.stuck_for)
        return enter(Phase::stopping, EndReason::stopped, moment);
      break;
    case Phase::stopping:
      if (asked > 0 || spent >= limits_.stop_for) return enter(Phase::abandoned, reason_, moment);
      break;
    case Phase::abandoned: break;
  }
  return RunStep::go_on;
}

std::string_view RunControl::state() const {
  return phase_ == Phase::running ? "running" : phase_ == Phase::draining ? "draining" : "stopping";
}

std::string_view RunControl::hint() const {
  return phase_ == Phase::running ? "Ctrl-C drains" : phase_ == Phase::draining ? "Ctrl-C again stops at once" : "";
}

}  // namespace sparse::cli
