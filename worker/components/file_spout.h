// Built-in spout `file`: the lines of a file, once, several times or for ever.
#pragma once

#include <cstdint>
#include <string>

#include "worker/components/file_handle.h"
#include "worker/components/line_reader.h"
#include "worker/components/replaying_spout.h"

namespace sparse::worker {

/// Options: `path`, `repeat: N | forever`. Each task reads the lines that begin in its part of the file, as long as the file
/// was when it was opened. The id of a message says where its line stands, so that a replay needs no copy of it.
/// With `follow: true` a FollowSpout runs instead.
class FileSpout final : public ReplayingSpout {
 public:
  explicit FileSpout(std::size_t line_max = LineReader::kLineMax) : reader_(line_max) {}
  void open(Context& context) override;

 protected:
  Next produce(Output& out) override {
    LineReader::Line line;
    const LineReader::Got got = reader_.next(line);
    if (got != LineReader::Got::line) [[unlikely]]
      return at_stop(got, line, out);
    read_any_ = true;
    out.emit(MessageId{round_bits_ | line.offset}, line.text);
    return Next::emitted;
  }
  std::span<const Cell> recall(std::uint64_t id) override;
  std::string_view why_gone() const override { return "the file has changed"; }

 private:
  Next at_stop(LineReader::Got got, const LineReader::Line& line, Output& out);
  bool start_round();

  LineReader reader_;
  FileHandle file_;
  std::string path_;
  std::uint64_t begin_ = 0, end_ = 0;
  std::uint64_t round_ = 0;
  std::uint64_t rounds_ = 1;      ///< 0: for ever
  std::uint64_t round_bits_ = 0;  ///< the round, above the bits that an offset needs
  unsigned offset_bits_ = 0;
  bool read_any_ = false;  ///< in this round
  std::string recalled_;
  Cell recalled_cell_;
};

}  // namespace sparse::worker
