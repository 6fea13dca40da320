// The bolts of the word count.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include <sparse/sdk.h>

namespace {

/// Emits the words of a line. What it emits is tracked until it has been processed; returning acks the line.
class Split final : public sparse::Bolt {
  void execute(const sparse::Tuple& line, sparse::Output& out) override {
    for (const std::string_view word : sparse::words(line.string(0))) out.emit(word);
  }
};

/// Counts words, and emits the most frequent ones when the text has ended. Option: top (10).
class Count final : public sparse::Bolt {
  void open(sparse::Context& context) override { top_ = static_cast<std::size_t>(context.option<std::int64_t>("top", 10)); }

  void execute(const sparse::Tuple& input, sparse::Output&) override { ++counts_[std::string(input.string(0))]; }

  void finish(sparse::Output& out) override {
    std::vector<std::pair<std::string, std::int64_t>> ranked(counts_.begin(), counts_.end());
    std::sort(ranked.begin(), ranked.end(),
              [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    ranked.resize(std::min(ranked.size(), top_));
    for (const auto& [word, count] : ranked) out.emit(word, count);
  }

  std::size_t top_ = 10;
  std::unordered_map<std::string, std::int64_t> counts_;
};

}  // namespace

SPARSE_PLUGIN(registry) {
  registry.bolt<Split>("Split", {.outputs = {"word"}});
  registry.bolt<Count>("Count", {.outputs = {"word", "count"}});
}
