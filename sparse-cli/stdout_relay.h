// Results on a terminal that also shows the live table: moved above it, line by line.
#pragma once

#include <atomic>
#include <thread>

#include "sparse-cli/terminal.h"

namespace sparse::cli {

/// While it lives, what is written to descriptor 1 goes through a pipe to the terminal. Children that keep the pipe open do
/// not hold up its end.
class StdoutRelay {
 public:
  explicit StdoutRelay(Terminal& terminal);
  ~StdoutRelay();
  StdoutRelay(const StdoutRelay&) = delete;
  StdoutRelay& operator=(const StdoutRelay&) = delete;

  /// The table and descriptor 1 share a terminal.
  static bool needed(const Terminal& terminal);

 private:
  void forward();

  Terminal& terminal_;
  int stdout_ = -1;  ///< the real one; negative: nothing is relayed
  int from_ = -1;
  std::atomic<bool> ending_ = false;
  std::thread reader_;
};

}  // namespace sparse::cli
