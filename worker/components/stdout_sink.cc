// Asks before each piece whether it can be written at once: making the descriptor non-blocking would change it for others.
#include "worker/components/stdout_sink.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>

namespace sparse::worker {
namespace {

/// A write to a pipe without readers would end the process by SIGPIPE, whoever embeds this library: here it is an error.
ssize_t write_quietly(int fd, const char* data, std::size_t size) {
  sigset_t pipe_signal, before, pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  const ssize_t wrote = ::write(fd, data, size);
  const int error = errno;
  if (wrote < 0 && error == EPIPE && !was_pending) {
    const timespec now = {};
    sigtimedwait(&pipe_signal, nullptr, &now);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return wrote;
}

}  // namespace

StdoutSink::State StdoutSink::write_some() {
  while (error_ == 0 && written_ < pending_.size()) {
    pollfd ready = {.fd = fd_, .events = POLLOUT, .revents = 0};
    const int polled = ::poll(&ready, 1, 0);
    if (polled < 0 && errno != EINTR) error_ = errno;
    if (polled == 0) return State::waiting;
    if (polled < 0) continue;
    // What a pipe that says "writable" takes for certain.
    const std::size_t piece = std::min<std::size_t>(pending_.size() - written_, PIPE_BUF);
    const ssize_t wrote = write_quietly(fd_, pending_.data() + written_, piece);
    if (wrote >= 0)
      written_ += static_cast<std::size_t>(wrote);
    else if (errno == EAGAIN)
      return State::waiting;
    else if (errno != EINTR)
      error_ = errno;
  }
  pending_.clear();
  written_ = 0;
  return error_ == 0 ? State::written : State::broken;
}

StdoutSink::State StdoutSink::write(std::string& lines) {
  const std::lock_guard lock(mutex_);
  if (error_ == 0) pending_ += lines;
  lines.clear();
  return write_some();
}

std::string StdoutSink::reason() const {
  const std::lock_guard lock(mutex_);
  if (error_ == 0) return {};
  if (error_ == EPIPE) return "nobody reads the standard output any more: the program behind the pipe has ended";
  return std::string("cannot write to the standard output: ") + std::strerror(error_);
}

}  // namespace sparse::worker
