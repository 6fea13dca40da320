// Checks that each message id of a spout comes back exactly once.
#pragma once

#include <cstdint>
#include <vector>

namespace bench {

/// A ring of the ids that are under way; an id that is still under way when the ring comes round is stepped over.
class PendingIds {
 public:
  static constexpr std::uint64_t kSlots = 16'384;  // more than topology.max.spout.pending lets out

  std::uint64_t take() {
    while (slots_[next_ % kSlots] != 0) ++next_;
    slots_[next_ % kSlots] = next_ + 1;
    ++open_;
    return next_++;
  }
  /// False if it was not under way: never sent, or answered before.
  bool answered(std::uint64_t id) {
    std::uint64_t& slot = slots_[id % kSlots];
    if (slot != id + 1) return false;
    slot = 0;
    --open_;
    return true;
  }
  std::uint64_t open() const { return open_; }

 private:
  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(kSlots);
  std::uint64_t next_ = 0, open_ = 0;
};

}  // namespace bench
