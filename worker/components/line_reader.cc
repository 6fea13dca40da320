// Refills the buffer of a LineReader; the part of a line that is left over moves to the front.
#include "worker/components/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sparse::worker {
namespace {

ssize_t read_at(int fd, char* to, std::size_t count, std::uint64_t offset) {
  ssize_t got;
  do got = ::pread(fd, to, count, static_cast<off_t>(offset));
  while (got < 0 && errno == EINTR);
  return got;
}

constexpr std::size_t kExcerpt = 1024;

}  // namespace

LineReader::LineReader(std::size_t line_max, std::size_t buffer)
    : line_max_(line_max), capacity_(buffer), buffer_(std::make_unique<char[]>(buffer)) {
  at_ = filled_ = limit_ = buffer_.get();
}

void LineReader::start(int fd, std::uint64_t begin, std::uint64_t end) {
  fd_ = fd;
  end_ = end;
  error_ = 0;
  // The byte before tells whether a line begins right here: the line that it ends, or is part of, is not ours.
  skipping_ = begin > 0;
  base_ = begin > 0 ? begin - 1 : 0;
  at_ = filled_ = limit_ = buffer_.get();
}

void LineReader::set_limit() {
  const auto held = static_cast<std::uint64_t>(filled_ - buffer_.get());
  const std::uint64_t ours = end_ > base_ ? end_ - base_ : 0;
  limit_ = buffer_.get() + std::min(held, ours);
}

bool LineReader::fill() {
  const auto left = static_cast<std::size_t>(filled_ - at_);
  base_ = position();
  if (left == capacity_) {
    const std::size_t larger = capacity_ * 2;
    auto grown = std::make_unique<char[]>(larger);
    std::memcpy(grown.get(), at_, left);
    buffer_ = std::move(grown);
    capacity_ = larger;
  } else if (left > 0) {
    std::memmove(buffer_.get(), at_, left);
  }
  at_ = buffer_.get();
  const ssize_t got = read_at(fd_, buffer_.get() + left, capacity_ - left, base_ + left);
  if (got < 0) error_ = errno;
  filled_ = buffer_.get() + left + std::max<ssize_t>(got, 0);
  set_limit();
  return got > 0;
}

LineReader::Got LineReader::next_after_read(Line& line) {
  for (;;) {
    const auto left = static_cast<std::size_t>(filled_ - at_);
    if (skipping_) {
      if (const void* found = left > 0 ? std::memchr(at_, '\n', left) : nullptr) {
        at_ = static_cast<const char*>(found) + 1;
        skipping_ = false;
        continue;
      }
      at_ = filled_;
    } else {
      if (position() >= end_) return Got::end;
      if (const void* found = left > 0 ? std::memchr(at_, '\n', left) : nullptr) {
        const char* newline = static_cast<const char*>(found);
        line = {{at_, static_cast<std::size_t>(newline - at_)}, position()};
        at_ = newline + 1;
        return Got::line;
      }
      if (left > line_max_) {
        line = {{at_, std::min(kExcerpt, left)}, position()};
        skipping_ = true;
        return Got::too_long;
      }
    }
    if (fill()) continue;
    if (error_ != 0) return Got::failed;
    if (skipping_ || at_ == filled_ || !take_unterminated_) return Got::end;
    line = {{at_, static_cast<std::size_t>(filled_ - at_)}, position()};
    at_ = filled_;
    return Got::line;
  }
}

bool read_line_at(int fd, std::uint64_t offset, std::string& line, std::size_t line_max) {
  line.clear();
  char before = '\n';
  if (offset > 0 && read_at(fd, &before, 1, offset - 1) != 1) return false;
  if (before != '\n') return false;
  char piece[4096];
  while (line.size() <= line_max) {
    const ssize_t got = read_at(fd, piece, sizeof piece, offset + line.size());
    if (got < 0) return false;
    if (got == 0) return !line.empty();
    const std::string_view text(piece, static_cast<std::size_t>(got));
    const std::size_t newline = text.find('\n');
    line.append(text.substr(0, newline));
    if (newline != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace sparse::worker
