// The spouts of the bench: tracked if `acked` is set; they count what comes back.
#pragma once

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sparse/sdk.h>

#include "latency.h"
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
  std::uint64_t last_id() const { return last_id_; }  ///< of what was sent last
  sparse::Next send(sparse::Output& out, std::string_view value) {
    ++sent_;
    if (acked_wanted_)
      out.emit(sparse::MessageId{last_id_ = ids_.take()}, value);
    else
      out.emit(value);
    return sparse::Next::emitted;
  }

 private:
  Report report_;
  PendingIds ids_;
  bool acked_wanted_ = false;
  std::uint64_t last_id_ = 0, sent_ = 0, acked_ = 0, failed_ = 0, wrong_ = 0;
};

/// `size`: as many bytes, instead of a few.
class ConstSpout final : public CountingSpout {
 public:
  void open(sparse::Context& context) override {
    CountingSpout::open(context);
    if (const auto size = context.option("size", std::int64_t{0}); size > 0) value_.assign(static_cast<std::size_t>(size), 'x');
  }
  sparse::Next next(sparse::Output& out) override { return send(out, value_); }

 private:
  std::string value_ = "some data";
};

/// One tuple, then nothing for ever.
class QuietSpout final : public CountingSpout {
 public:
  sparse::Next next(sparse::Output& out) override {
    if (sent_) return sparse::Next::idle;
    sent_ = true;
    return send(out, "some data");
  }

 private:
  bool sent_ = false;
};

/// The lines of the file `text`, over and over, from memory; blank ones are left out, white space at both ends is cut off.
class LinesSpout : public CountingSpout {
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

/// The same lines, `rate` a second by the clock, whatever happens to them. Latencies run from the time at which a line was *due*
/// to its ack: what waits because the spout is late, is late. Those of the first `warm` seconds are left out.
class PacedSpout final : public LinesSpout {
 public:
  void open(sparse::Context& context) override {
    LinesSpout::open(context);
    report_.open(context);
    interval_ = 1e9 / static_cast<double>(context.option("rate", std::int64_t{1000}));
    warm_ = context.option("warm", std::int64_t{0}) * 1'000'000'000;
  }
  sparse::Next next(sparse::Output& out) override {
    const std::int64_t now = clock();
    if (start_ == 0) start_ = now;
    const std::int64_t due = start_ + static_cast<std::int64_t>(static_cast<double>(count_) * interval_);
    if (now < due) {
      out.wake_after(due - now);
      return sparse::Next::idle;
    }
    ++count_;
    last_due_ = due;
    const sparse::Next result = LinesSpout::next(out);
    due_[last_id() % due_.size()] = due;  // no ack comes before `next` has returned
    return result;
  }
  void ack(sparse::MessageId id) override {
    const std::int64_t due = due_[id.value % due_.size()];
    if (due - start_ >= warm_) latencies_.add(clock() - due);
    LinesSpout::ack(id);
  }
  void close() override {
    LinesSpout::close();
    report_.write({{"samples", latencies_.total()},
                   {"span_ns", static_cast<std::uint64_t>(last_due_ - start_)},
                   {"p50_ns", latencies_.at(0.5)},
                   {"p99_ns", latencies_.at(0.99)},
                   {"p999_ns", latencies_.at(0.999)}});
  }

 private:
  static std::int64_t clock() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
  Report report_;
  Latencies latencies_;
  std::vector<std::int64_t> due_ = std::vector<std::int64_t>(PendingIds::kSlots);
  double interval_ = 1e6;
  std::int64_t warm_ = 0, start_ = 0, last_due_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace bench
