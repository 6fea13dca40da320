// An eventfd: wakes the loop of a task from any thread.
#pragma once

#include <cstdint>

namespace sparse::kafka {

class WakeFd {
 public:
  WakeFd();
  ~WakeFd();
  WakeFd(const WakeFd&) = delete;
  WakeFd& operator=(const WakeFd&) = delete;
  int get() const { return fd_; }
  void wake() const;
  /// Takes what was written, so that the next one wakes again.
  void clear() const;

 private:
  int fd_;
};

}  // namespace sparse::kafka
