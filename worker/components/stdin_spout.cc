// Reads when the loop says so, cuts into lines.
#include "worker/components/stdin_spout.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

#include "worker/components/file_handle.h"

namespace sparse::worker {
namespace {

constexpr std::size_t kRead = std::size_t{64} << 10;
constexpr std::size_t kExcerpt = 1024;

bool epoll_takes(int fd) {
  const FileHandle epoll(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event event = {};
  return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

void StdinSpout::open(Context& context) {
  ReplayingSpout::open(context);
  if (context.index() != 0) return;
  const int flags = ::fcntl(fd_, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY)
    throw std::runtime_error("the standard input is closed, and the stdin spout reads it");
  watchable_ = epoll_takes(fd_);
  readable_ = !watchable_;
}

void StdinSpout::ready(int, std::uint32_t, Output&) {
  // Level-triggered: it would be reported again and again until the spout is stepped.
  host().unwatch(fd_);
  watching_ = false;
  readable_ = true;
  host().wake();
}

void StdinSpout::close() {
  if (watching_) host().unwatch(fd_);
  watching_ = false;
  ReplayingSpout::close();
}

void StdinSpout::read_once() {
  readable_ = !watchable_;
  buffer_.erase(0, at_);
  searched_ -= std::min(searched_, at_);
  at_ = 0;
  const std::size_t held = buffer_.size();
  buffer_.resize(held + kRead);
  const ssize_t got = ::read(fd_, buffer_.data() + held, kRead);
  buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN))) return;
  ended_ = true;
  if (got == 0) return;
  const std::string reason = std::strerror(errno);
  struct stat status = {};
  // A terminal that went away reads as an error: it is the end.
  if (::fstat(fd_, &status) == 0 && S_ISCHR(status.st_mode))
    context().log(Level::warn, "the standard input ends with an error: " + reason);
  else
    host().give_up("cannot read the standard input: " + reason);
}

bool StdinSpout::take_line(std::string_view& line) {
  const std::size_t newline = buffer_.find('\n', std::max(searched_, at_));
  if (newline != std::string::npos) {
    line = std::string_view(buffer_).substr(at_, newline - at_);
    at_ = searched_ = newline + 1;
    return true;
  }
  searched_ = buffer_.size();
  if (!ended_ || at_ == buffer_.size()) return false;
  line = std::string_view(buffer_).substr(at_);
  at_ = buffer_.size();
  return true;
}

Next StdinSpout::emit_line(Output& out, std::string_view line) {
  out.emit(MessageId{lines_.add(line, tracked())}, line);
  return Next::emitted;
}

Next StdinSpout::give_up_line(Output& out) {
  Cell excerpt;
  excerpt.set(std::string_view(buffer_).substr(at_, kExcerpt));
  give_up_message(out, lines_.add({}, false), {&excerpt, 1},
                  fmt::format("a line on the standard input is longer than {} bytes; it begins as shown", line_max_));
  skipping_ = true;
  at_ = buffer_.size();
  return Next::emitted;
}

Next StdinSpout::produce(Output& out) {
  if (context().index() != 0) return Next::exhausted;
  for (;;) {
    std::string_view line;
    if (take_line(line)) {
      if (!std::exchange(skipping_, false)) return emit_line(out, line);
      continue;
    }
    if (skipping_) at_ = buffer_.size();
    if (buffer_.size() - at_ > line_max_) return give_up_line(out);
    if (ended_) return Next::exhausted;
    if (!readable_) break;
    read_once();
  }
  if (!watching_) host().watch(fd_, EPOLLIN);
  watching_ = true;
  return Next::idle;
}

}  // namespace sparse::worker
