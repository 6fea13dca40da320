// Built-in spout `file` with `follow: true`: the lines of a file that grows, is rotated or truncated.
#pragma once

#include <cstdint>
#include <string>

#include "worker/components/file_handle.h"
#include "worker/components/line_reader.h"
#include "worker/components/pending_lines.h"
#include "worker/components/replaying_spout.h"

namespace sparse::worker {

/// Begins with the first line and never ends. A file that is not there yet is waited for; a new file under the same path is
/// read after the former one; a file that became shorter is read from its start. Only the first task reads. A line counts
/// once its newline is written.
class FollowSpout final : public ReplayingSpout {
 public:
  void open(Context& context) override;

 protected:
  Next produce(Output& out) override;
  std::span<const Cell> recall(std::uint64_t id) override { return lines_.recall(id); }
  void forget(std::uint64_t id) override { lines_.forget(id); }

 private:
  bool more_to_read();
  bool open_file();
  void emit(Output& out, std::string_view line) { out.emit(MessageId{lines_.add(line, tracked())}, line); }

  std::string path_;
  FileHandle file_;
  LineReader reader_;
  PendingLines lines_;
  bool replaced_ = false;  ///< another file has the path now: this one is read to its end
  bool told_ = false;      ///< that the file cannot be opened
};

}  // namespace sparse::worker
