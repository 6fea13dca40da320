// The log: one line per event, with the component and task it is about. The only seam to spdlog.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <sparse/sdk.h>

namespace sparse {

struct LogEntry {
  Level level = Level::info;
  std::string_view component = {};  ///< empty: sparse itself
  TaskId task = kNoTask;
  std::string_view text;
};

/// Thread-safe.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(const LogEntry& entry) = 0;

  void info(std::string_view text) { write({.level = Level::info, .text = text}); }
  void warn(std::string_view text) { write({.level = Level::warn, .text = text}); }
  void error(std::string_view text) { write({.level = Level::error, .text = text}); }
};

/// Lines on stderr: `12:30:25.118 split#4 INFO  text`. Escapes control characters. Below `least`, nothing is written.
std::unique_ptr<Log> make_stderr_log(Level least);

/// The same lines, each with its newline, to `write`: one call at a time.
std::unique_ptr<Log> make_line_log(Level least, std::function<void(std::string_view line)> write);

std::string_view level_name(Level level);

}  // namespace sparse
