// The terminal behind stderr: a table that stays at the bottom, and lines that scroll above it.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sparse-cli/live_table.h"

namespace sparse::cli {

/// Thread-safe. Changes no mode of the terminal: every frame is one write that leaves it as a shell expects it, so whatever
/// ends this process, nothing has to be restored.
class Terminal {
 public:
  explicit Terminal(int fd);

  /// A table can be drawn; else only `write_line` does something useful.
  bool interactive() const { return interactive_; }
  Screen screen() const;

  void draw(std::vector<LiveLine> lines);
  /// Draws again what lines have pushed away.
  void refresh();
  void erase();
  /// `text` ends with a newline; to `fd`, above the table.
  void write_above(int fd, std::string_view text);
  void write_line(std::string_view text);

 private:
  /// Moves the cursor from below the table to its first row.
  std::string up_to_table() const;
  void draw_from_here(std::string frame);
  void erase_table();

  const int fd_;
  const bool interactive_;
  const bool colour_;
  std::mutex mutex_;
  std::vector<LiveLine> lines_;
  bool drawn_ = false;
  Nanoseconds drawn_at_ = 0;
};

/// All of it, however many writes it takes. False, with errno, if it cannot be written.
bool write_all(int fd, std::string_view text);

}  // namespace sparse::cli
