// What outlives the workers: the lines to read, as a log that can be read again.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <vector>

#include <sparse/tuple.h>

namespace sparse::sim {

/// What one spout task reads, through all its lives.
struct Source {
  struct Line {
    bool acked = false;
    int tries = 0;
  };
  std::vector<Line> lines;
  std::deque<std::size_t> queue;  ///< to be emitted now
  std::size_t acked = 0;

  void ack(std::size_t line) {
    if (!lines[line].acked) ++acked;
    lines[line].acked = true;
  }
  /// A new life reads again what the former one had no ack for.
  void rewind() {
    queue.clear();
    for (std::size_t line = 0; line < lines.size(); ++line)
      if (!lines[line].acked) queue.push_back(line);
  }
};

using Sources = std::map<TaskId, Source>;

}  // namespace sparse::sim
