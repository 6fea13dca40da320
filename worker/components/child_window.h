// How many inputs a child may hold at once.
#pragma once

#include <algorithm>
#include <cstddef>

namespace sparse::worker {

/// A child takes in what its pipe brings, whether it can deal with it or not; what it cannot handle in an eighth of the message
/// timeout would time out by waiting alone. But a child that collects a batch needs more before it settles anything: it is
/// known by answering heartbeats while it holds all that it may.
///
/// Pure; told once a second, and once soon after a child has come up.
class ChildWindow {
 public:
  static constexpr std::size_t kLeast = 16, kUsual = 512;
  static constexpr std::size_t kBatched = 4096;  ///< usual in the batched framing: several batches are under way

  ChildWindow(std::size_t most, double timeout_seconds)
      : most_(most), share_(timeout_seconds / 8), usual_(std::min(most, kUsual)), size_(usual_) {}

  std::size_t size() const { return size_; }
  /// A child that takes so many usually: it gets them once it has shown that it handles them.
  void widen(std::size_t usual) { usual_ = std::max(usual_, std::min(most_, usual)); }
  /// So many inputs a second were settled in the child's first moments. What is slow there may only be about to begin.
  void first_look(double settled) { size_ = std::max(size_, std::min(handled(settled), usual_)); }
  /// `settled`: inputs in the last second. `was_full`: it held all that it may, the whole time. `collects`: it did, and answered
  /// a heartbeat.
  void second(std::size_t settled, bool was_full, bool collects) {
    const std::size_t most = handled(static_cast<double>(settled));
    if (!was_full) {
      size_ = std::max(size_, std::min(most, usual_));
    } else if (collects) {
      usual_ = std::min(most_, usual_ * 2);
      size_ = std::max(size_, usual_);
    } else {
      size_ = std::clamp(most, std::min(kLeast, usual_), usual_);
    }
  }

 private:
  std::size_t handled(double a_second) const { return static_cast<std::size_t>(a_second * share_); }

  std::size_t most_;
  double share_;
  std::size_t usual_;
  std::size_t size_;
};

}  // namespace sparse::worker
