#include "worker/execution/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/base/check.h"

namespace sparse::worker {

std::string not_watched(int error) {
  std::string text = "a file descriptor cannot be watched: " + std::generic_category().message(error);
  if (error == ENOSPC) text += "; the limit of this user is /proc/sys/fs/epoll/max_user_watches";
  return text;
}

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

int Poller::watch(Task& task, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  const auto [entry, is_new] = watched_.insert_or_assign(fd, Watched{&task, events});
  // An fd that was closed without `unwatch` is not known any more, and its number may be another's.
  if (epoll_ctl(epoll_, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) == 0) return 0;
  const int other = errno == ENOENT ? EPOLL_CTL_ADD : errno == EEXIST ? EPOLL_CTL_MOD : 0;
  if (other != 0 && epoll_ctl(epoll_, other, fd, &event) == 0) return 0;
  const int error = errno;
  watched_.erase(entry);
  return error;
}

void Poller::unwatch(int fd) {
  if (watched_.erase(fd) != 0) epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

int Poller::hand_over(const Task& task, Poller& to) {
  int error = 0;
  for (auto entry = watched_.begin(); entry != watched_.end();) {
    const auto [fd, watched] = *entry++;
    if (watched.task != &task) continue;
    unwatch(fd);
    const int other = to.watch(*watched.task, fd, watched.events);
    if (error == 0) error = other;
  }
  return error;
}

void Poller::wait(Nanoseconds at_most, std::vector<Ready>& ready) {
  epoll_event events[64];
  timespec timeout{at_most / kSecond, at_most % kSecond};
  int count = has_nanoseconds_ ? epoll_pwait2(epoll_, events, 64, &timeout, nullptr) : -1;
  if (count < 0 && has_nanoseconds_ && errno == ENOSYS) has_nanoseconds_ = false;
  if (!has_nanoseconds_) count = epoll_wait(epoll_, events, 64, static_cast<int>((at_most + kMillisecond - 1) / kMillisecond));
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
