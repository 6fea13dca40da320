// Waits for file descriptors and for the loop's wake-ups. The only place of a loop that sleeps.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/clock.h"

namespace sparse::worker {

struct Task;

/// What is wrong if `Poller::watch` says this, and what to do.
std::string not_watched(int error);

/// Lives on its loop's thread.
class Poller {
 public:
  struct Ready {
    Task* task;
    int fd;
    std::uint32_t events;
  };

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// The eventfd by which other threads wake this one.
  int event() const { return event_; }
  /// 0, or why it cannot be watched, as errno says it; then it is not watched at all.
  [[nodiscard]] int watch(Task& task, int fd, std::uint32_t events);
  void unwatch(int fd);
  /// Hands all that is watched for this task to another poller. The first error of its `watch`.
  [[nodiscard]] int hand_over(const Task& task, Poller& to);
  bool watching() const { return !watched_.empty(); }
  bool is_watched(int fd) const { return watched_.contains(fd); }
  /// Waits at most this long, 0: only looks. Appends what is ready.
  void wait(Nanoseconds at_most, std::vector<Ready>& ready);

 private:
  int epoll_ = -1;
  int event_ = -1;
  bool has_nanoseconds_ = true;  ///< epoll_pwait2, which Linux has since 5.11
  struct Watched {
    Task* task;
    std::uint32_t events;
  };
  std::map<int, Watched> watched_;
};

}  // namespace sparse::worker
