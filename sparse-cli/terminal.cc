#include "sparse-cli/terminal.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "core/base/printable.h"

namespace sparse::cli {
namespace {

constexpr Nanoseconds kRedrawPause = 10 * kMillisecond;  // for a component that logs without end

// Synchronised output and no line wrap, cursor hidden meanwhile; and back.
constexpr std::string_view kFrameBegin = "\x1b[?2026h\x1b[?25l\x1b[?7l";
constexpr std::string_view kFrameEnd = "\x1b[?7h\x1b[?25h\x1b[?2026l";

bool can_draw(int fd) {
  const char* term = std::getenv("TERM");
  return ::isatty(fd) == 1 && term && *term && std::string_view(term) != "dumb";
}

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return !no_colour || !*no_colour;
}

std::string_view style_code(LiveLine::Style style) {
  switch (style) {
    case LiveLine::Style::title: return "\x1b[1m";
    case LiveLine::Style::heading: return "\x1b[2m";
    case LiveLine::Style::alarm: return "\x1b[31m";
    case LiveLine::Style::plain: break;
  }
  return "";
}

}  // namespace

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote > 0) {
      text.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (wrote < 0 && errno == EAGAIN) {
      pollfd ready = {.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, 1000);
    } else if (wrote < 0 && errno != EINTR) {
      return false;
    }
  }
  return true;
}

Terminal::Terminal(int fd) : fd_(fd), interactive_(can_draw(fd)), colour_(wants_colour()) {}

Screen Terminal::screen() const {
  winsize size = {};
  Screen screen;
  if (::ioctl(fd_, TIOCGWINSZ, &size) == 0) {
    if (size.ws_col > 0) screen.columns = size.ws_col;
    if (size.ws_row > 0) screen.rows = size.ws_row;
  }
  return screen;
}

std::string Terminal::up_to_table() const {
  // A terminal that became narrower has wrapped the lines.
  const std::size_t columns = std::max<std::size_t>(screen().columns, 1);
  std::size_t rows = 0;
  for (const LiveLine& line : lines_) rows += std::max<std::size_t>(1, (line.text.size() + columns - 1) / columns);
  return rows == 0 ? "\r" : fmt::format("\r\x1b[{}A", rows);
}

void Terminal::draw_from_here(std::string frame) {
  for (const LiveLine& line : lines_) {
    const std::string_view code = colour_ ? style_code(line.style) : "";
    frame += code;
    frame += line.text;
    if (!code.empty()) frame += "\x1b[0m";
    frame += "\x1b[K\r\n";
  }
  write_all(fd_, fmt::format("{}{}\x1b[J{}", kFrameBegin, frame, kFrameEnd));
  drawn_ = true;
  drawn_at_ = SystemClock().now();
}

void Terminal::erase_table() {
  if (drawn_) write_all(fd_, up_to_table() + "\x1b[J");
  drawn_ = false;
}

void Terminal::draw(std::vector<LiveLine> lines) {
  const std::lock_guard lock(mutex_);
  if (!interactive_) return;
  const std::string start = drawn_ ? up_to_table() : std::string();
  lines_ = std::move(lines);
  draw_from_here(start);
}

void Terminal::refresh() {
  const std::lock_guard lock(mutex_);
  if (!drawn_ && !lines_.empty()) draw_from_here({});
}

void Terminal::erase() {
  const std::lock_guard lock(mutex_);
  erase_table();
  lines_.clear();
}

void Terminal::write_above(int fd, std::string_view text) {
  const std::lock_guard lock(mutex_);
  erase_table();
  write_all(fd, text);
  if (!lines_.empty() && SystemClock().now() - drawn_at_ > kRedrawPause) draw_from_here({});
}

void Terminal::write_line(std::string_view text) { write_above(fd_, printable(text) + "\n"); }

}  // namespace sparse::cli
