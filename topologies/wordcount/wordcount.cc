// The bolts of the word count: Split, Count and RunningCount, as fast as they can be.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <sparse/sdk.h>

namespace {

/// Emits the words of a line: what stands between white space, as it stands.
class Split final : public sparse::Bolt {
  void execute(const sparse::Tuple& line, sparse::Output& out) override {
    for (const std::string_view word : sparse::words(line.string(0))) out.emit(word);
  }
};

struct Hash {
  using is_transparent = void;
  using is_avalanching = void;
  std::size_t operator()(std::string_view word) const { return XXH3_64bits(word.data(), word.size()); }
};

class Counts {
 public:
  /// One more of this word; how many it makes. Looked up as a view: a string is made only for a new word.
  std::int64_t add(std::string_view word) {
    auto found = counts_.find(word);
    if (found == counts_.end()) found = counts_.emplace(word, 0).first;
    return ++found->second;
  }
  std::vector<std::pair<std::string_view, std::int64_t>> all() const { return {counts_.begin(), counts_.end()}; }

 private:
  boost::unordered_flat_map<std::string, std::int64_t, Hash, std::equal_to<>> counts_;
};

/// Counts words; at the end emits the most frequent ones, the first first. Option: top (20; 0: all words).
class Count final : public sparse::Bolt {
  void open(sparse::Context& context) override {
    const auto top = context.option<std::int64_t>("top", 20);
    top_ = top > 0 ? static_cast<std::size_t>(top) : SIZE_MAX;
  }

  void execute(const sparse::Tuple& input, sparse::Output&) override { counts_.add(input.string(0)); }

  void finish(sparse::Output& out) override {
    auto ranked = counts_.all();
    const std::size_t shown = std::min(top_, ranked.size());
    std::partial_sort(
        ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(shown), ranked.end(),
        [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    for (std::size_t i = 0; i < shown; ++i) out.emit(ranked[i].first, ranked[i].second);
  }

  std::size_t top_ = 20;
  Counts counts_;
};

/// Counts words, and emits each with its count as often as it comes. The count is in memory: a restart begins at 0.
class RunningCount final : public sparse::Bolt {
  void execute(const sparse::Tuple& input, sparse::Output& out) override {
    const std::string_view word = input.string(0);
    out.emit(word, counts_.add(word));
  }

  Counts counts_;
};

}  // namespace

SPARSE_PLUGIN(registry) {
  registry.bolt<Split>("Split", {.outputs = {"word"}});
  registry.bolt<Count>("Count", {.outputs = {"word", "count"}});
  registry.bolt<RunningCount>("RunningCount", {.outputs = {"word", "count"}});
}
