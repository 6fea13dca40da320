// Bolts of the bench: null, identity, split and count; sinks count what reaches them.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <sparse/sdk.h>

#include "report.h"
#include "word_counts.h"

namespace bench {

/// With `after: SECONDS` it also counts apart what comes from then on, looking at the clock once in 256 tuples.
class NullBolt final : public sparse::Bolt {
 public:
  void open(sparse::Context& context) override {
    report_.open(context);
    opened_ = clock();
    after_ = std::chrono::seconds(context.option("after", std::int64_t{0}));
    look_at_ = after_.count() > 0 ? kLook : std::numeric_limits<std::uint64_t>::max();
  }
  void execute(const sparse::Tuple&, sparse::Output&) override {
    if (++count_ == look_at_) look();
  }
  void close() override {
    report_.write({{"executed", count_},
                   {"late", last_count_ - first_count_},
                   {"late_ns", static_cast<std::uint64_t>(std::chrono::nanoseconds(last_ - first_).count())}});
  }

 private:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::uint64_t kLook = 256;
  static Time clock() { return std::chrono::steady_clock::now(); }
  void look() {
    look_at_ += kLook;
    const Time now = clock();
    if (now - opened_ < after_) return;
    if (first_ == Time{}) {
      first_ = now;
      first_count_ = count_;
    }
    last_ = now;
    last_count_ = count_;
  }
  Report report_;
  Time opened_, first_, last_;
  std::chrono::seconds after_{0};
  std::uint64_t count_ = 0, look_at_ = 0, first_count_ = 0, last_count_ = 0;
};

class IdBolt final : public sparse::Bolt {
  void execute(const sparse::Tuple& input, sparse::Output& out) override { out.emit(input[0]); }
};

class SplitBolt final : public sparse::Bolt {
  void execute(const sparse::Tuple& line, sparse::Output& out) override {
    for (std::string_view word : sparse::words(line.string(0))) out.emit(word);
  }
};

class CountBolt final : public sparse::Bolt {
 public:
  void open(sparse::Context& context) override { report_.open(context); }
  void execute(const sparse::Tuple& input, sparse::Output& out) override {
    const std::string_view word = input.string(0);
    auto found = counts_.find(word);
    if (found == counts_.end()) found = counts_.emplace(std::string(word), 0).first;
    out.emit(word, ++found->second);
  }
  void close() override {
    std::uint64_t sum = 0;
    for (const auto& [word, count] : counts_) sum += static_cast<std::uint64_t>(count);
    report_.write({{"executed", sum}, {"distinct", counts_.size()}});
  }

 private:
  Report report_;
  WordCounts counts_;
};

}  // namespace bench
