// Lines that were emitted and have no final verdict: spouts keep these whose source cannot be read twice.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include <sparse/sdk.h>

namespace sparse::worker {

/// Bounded by the trees a spout may have open and by RetryQueue::full.
class PendingLines {
 public:
  /// Gives the next id. Keeps a copy if `keep`.
  std::uint64_t add(std::string_view line, bool keep) {
    const std::uint64_t id = next_++;
    if (keep) lines_.emplace(id, line);
    return id;
  }
  void forget(std::uint64_t id) { lines_.erase(id); }
  std::span<const Cell> recall(std::uint64_t id) {
    const auto found = lines_.find(id);
    if (found == lines_.end()) return {};
    cell_.set(std::string_view(found->second));
    return {&cell_, 1};
  }
  std::size_t size() const { return lines_.size(); }

 private:
  std::unordered_map<std::uint64_t, std::string> lines_;
  std::uint64_t next_ = 0;
  Cell cell_;
};

}  // namespace sparse::worker
