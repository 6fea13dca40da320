// The watchdog: says which component keeps a loop from going on, and where it is.
#pragma once

#include <pthread.h>

#include <set>
#include <vector>

#include "worker/execution/loop.h"

namespace sparse::worker {

/// Looks at loops from a thread that runs no user code. Each task is reported once; the run goes on.
class Watchdog {
 public:
  explicit Watchdog(WorkerShared& shared) : shared_(shared) {}

  void add(Loop& loop, pthread_t thread) { watched_.push_back({.loop = &loop, .thread = thread}); }
  /// To be called several times a second.
  void look();

 private:
  struct Watched {
    Loop* loop = nullptr;
    pthread_t thread = {};
    std::uint32_t steps = 0;
    Nanoseconds since = 0;  ///< it has been at this step; 0: it sleeps
    bool reported = false;  ///< this step
  };
  void report(const Watched& watched);

  WorkerShared& shared_;
  std::vector<Watched> watched_;
  std::set<TaskId> reported_;
};

}  // namespace sparse::worker
