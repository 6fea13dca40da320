// Spouts that never run dry: one tuple a call, tracked if `acked` is set; they count what comes back.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sparse/sdk.h>

#include "pending_ids.h"
#include "report.h"

namespace bench {

class CountingSpout : public sparse::Spout {
 public:
  void open(sparse::Context& context) override {
    report_.open(context);
    acked_wanted_ = context.option("acked", false);
  }
  void ack(sparse::MessageId id) override { ids_.answered(id.value) ? ++acked_ : ++wrong_; }
  void fail(sparse::MessageId id, std::string_view) override { ids_.answered(id.value) ? ++failed_ : ++wrong_; }
  void close() override {
    report_.write({{"sent", sent_}, {"acked", acked_}, {"failed", failed_}, {"wrong", wrong_}, {"open", ids_.open()}});
  }

 protected:
  sparse::Next send(sparse::Output& out, std::string_view value) {
    ++sent_;
    if (acked_wanted_)
      out.emit(sparse::MessageId{ids_.take()}, value);
    else
      out.emit(value);
    return sparse::Next::emitted;
  }

 private:
  Report report_;
  PendingIds ids_;
  bool acked_wanted_ = false;
  std::uint64_t sent_ = 0, acked_ = 0, failed_ = 0, wrong_ = 0;
};

class ConstSpout final : public CountingSpout {
 public:
  sparse::Next next(sparse::Output& out) override { return send(out, "some data"); }
};

/// The lines of the file `text`, over and over, from memory; blank ones are left out, white space at both ends is cut off.
class LinesSpout final : public CountingSpout {
 public:
  void open(sparse::Context& context) override {
    CountingSpout::open(context);
    const std::string path = context.option("text", "");
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      const std::size_t first = line.find_first_not_of(" \t\r\f\v");
      if (first == std::string::npos) continue;
      lines_.push_back(line.substr(first, line.find_last_not_of(" \t\r\f\v") - first + 1));
    }
    if (lines_.empty()) throw std::runtime_error("no lines in \"" + path + "\": set the option `text` to a text file");
  }
  sparse::Next next(sparse::Output& out) override {
    if (at_ == lines_.size()) at_ = 0;
    return send(out, lines_[at_++]);
  }

 private:
  std::vector<std::string> lines_;
  std::size_t at_ = 0;
};

}  // namespace bench
