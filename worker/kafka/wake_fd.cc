// The system calls of an eventfd.
#include "worker/kafka/wake_fd.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <stdexcept>

namespace sparse::kafka {

WakeFd::WakeFd() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::runtime_error("no file descriptor is left to wait for Kafka");
}

WakeFd::~WakeFd() { ::close(fd_); }

// A counter that is full wakes as well, and one that is empty has been taken: neither call can fail otherwise.
void WakeFd::wake() const {
  constexpr std::uint64_t kOne = 1;
  [[maybe_unused]] const auto ignored = ::write(fd_, &kOne, sizeof kOne);
}

void WakeFd::clear() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto ignored = ::read(fd_, &count, sizeof count);
}

}  // namespace sparse::kafka
