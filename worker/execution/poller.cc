#include "worker/execution/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/base/check.h"

namespace sparse::worker {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)), event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (epoll_ < 0 || event_ < 0) {
    const int error = errno;
    if (epoll_ >= 0) ::close(epoll_);
    throw std::system_error(error, std::generic_category(), "a loop needs two file descriptors");
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = event_;
  SPARSE_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &event) == 0);
}

Poller::~Poller() {
  ::close(event_);
  ::close(epoll_);
}

void Poller::watch(Task& task, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  const auto [entry, is_new] = watched_.insert_or_assign(fd, Watched{&task, events});
  if (is_new && epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0) return;
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT) epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void Poller::unwatch(int fd) {
  if (watched_.erase(fd) != 0) epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::hand_over(const Task& task, Poller& to) {
  for (auto entry = watched_.begin(); entry != watched_.end();) {
    const auto [fd, watched] = *entry++;
    if (watched.task != &task) continue;
    unwatch(fd);
    to.watch(*watched.task, fd, watched.events);
  }
}

void Poller::wait(Nanoseconds at_most, std::vector<Ready>& ready) {
  epoll_event events[64];
  timespec timeout{at_most / kSecond, at_most % kSecond};
  int count = epoll_pwait2(epoll_, events, 64, &timeout, nullptr);
  if (count < 0 && errno == ENOSYS)  // before Linux 5.11
    count = epoll_wait(epoll_, events, 64, static_cast<int>((at_most + kMillisecond - 1) / kMillisecond));
  for (int i = 0; i < count; ++i) {
    if (events[i].data.fd == event_) {
      std::uint64_t ignored = 0;
      static_cast<void>(!::read(event_, &ignored, sizeof ignored));
    } else if (const auto found = watched_.find(events[i].data.fd); found != watched_.end()) {
      ready.push_back({found->second.task, events[i].data.fd, events[i].events});
    }
  }
}

}  // namespace sparse::worker
