// Log-linear histogram: 32 buckets per power of two, at most 3 % off, mergeable. Values are nanoseconds everywhere in sparse.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace sparse {

/// Thread-compatible. Takes memory (13 KB) with the first value.
class Histogram {
 public:
  void add(std::uint64_t value, std::uint64_t count = 1) {
    if (buckets_.empty()) buckets_.resize(kBuckets);
    buckets_[bucket(value)] += count;
    total_ += count;
    sum_ += value * count;
    max_ = std::max(max_, value);
  }
  void merge(const Histogram& other) {
    if (other.buckets_.empty()) return;
    if (buckets_.empty()) buckets_.resize(kBuckets);
    for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
    total_ += other.total_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
  }
  /// The upper bound of the bucket in which the given part (0 … 1) of all values is reached; 0 if there are none.
  std::uint64_t at(double part) const {
    if (total_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(part * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBuckets; ++i)
      if ((seen += buckets_[i]) > wanted) return std::min(upper_bound(i), max_);
    return max_;
  }
  std::uint64_t count() const { return total_; }
  std::uint64_t max() const { return max_; }
  std::uint64_t sum() const { return sum_; }

 private:
  static constexpr std::size_t kBuckets = 52 * 32;  // up to 2^57 ns, four years
  static std::size_t bucket(std::uint64_t value) {
    if (value < 64) return static_cast<std::size_t>(value);
    const int shift = static_cast<int>(std::bit_width(value)) - 6;
    return std::min<std::size_t>(kBuckets - 1, static_cast<std::size_t>(shift) * 32 + static_cast<std::size_t>(value >> shift));
  }
  static std::uint64_t upper_bound(std::size_t index) {
    if (index < 64) return index;
    const std::size_t shift = index / 32 - 1;
    return ((static_cast<std::uint64_t>(index - shift * 32) + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> buckets_;
  std::uint64_t total_ = 0, sum_ = 0, max_ = 0;
};

}  // namespace sparse
