// Ctrl-C and SIGTERM, counted instead of obeyed.
#pragma once

#include <csignal>

namespace sparse::cli {

/// While it lives, SIGINT, SIGTERM and SIGHUP are counted, and SIGPIPE only makes writes fail. Handlers, not a mask or "ignore":
/// those would be inherited by the children that components start. One at a time; restores what was before.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// How often the user asked to stop.
  int asked() const;

 private:
  struct sigaction before_[4] = {};
};

}  // namespace sparse::cli
