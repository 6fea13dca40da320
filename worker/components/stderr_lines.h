// A child's stderr: cut into lines, the last ones kept for the message of its death.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace sparse::worker {

class StderrLines {
 public:
  static constexpr std::size_t kLineLimit = 8192;
  static constexpr std::size_t kKeptLines = 20;
  static constexpr std::size_t kKeptLength = 300;

  explicit StderrLines(std::function<void(std::string_view)> on_line) : on_line_(std::move(on_line)) {}
  void add(std::string_view bytes);
  /// The end: a line without a line feed is one, too.
  void end();
  /// The last lines, joined by ` | `; empty if there were none.
  std::string last() const;
  void clear() {
    partial_.clear();
    last_.clear();
  }

 private:
  void line(std::string_view text);
  std::function<void(std::string_view)> on_line_;
  std::string partial_;
  std::deque<std::string> last_;
};

}  // namespace sparse::worker
