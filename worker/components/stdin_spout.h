// Built-in spout `stdin`: the lines of the standard input.
#pragma once

#include <string>

#include "worker/components/pending_lines.h"
#include "worker/components/replaying_spout.h"

namespace sparse::worker {

/// Never blocks and never makes the descriptor non-blocking: the terminal or pipe is shared with other processes. It reads
/// once each time the loop says that there is something. Only the first task reads; it ends with the input.
class StdinSpout final : public ReplayingSpout {
 public:
  explicit StdinSpout(int fd = 0, std::size_t line_max = std::size_t{16} << 20) : fd_(fd), line_max_(line_max) {}
  void open(Context& context) override;
  void ready(int fd, std::uint32_t events, Output& out) override;
  void close() override;

 protected:
  Next produce(Output& out) override;
  std::span<const Cell> recall(std::uint64_t id) override { return lines_.recall(id); }
  void forget(std::uint64_t id) override { lines_.forget(id); }

 private:
  bool take_line(std::string_view& line);
  void read_once();
  Next emit_line(Output& out, std::string_view line);
  Next give_up_line(Output& out);

  int fd_;
  std::size_t line_max_;
  bool watchable_ = false;  ///< epoll refuses regular files and /dev/null: these never make a reader wait
  bool watching_ = false;
  bool readable_ = false;
  bool ended_ = false;
  bool skipping_ = false;  ///< the rest of a line above the limit
  std::string buffer_;
  std::size_t at_ = 0;        ///< the next line begins here
  std::size_t searched_ = 0;  ///< no newline between `at_` and here
  PendingLines lines_;
};

}  // namespace sparse::worker
