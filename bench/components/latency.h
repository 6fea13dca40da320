// Latencies in buckets of 1/128 of their size: exact enough for a quantile, and no allocation while it measures.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

class Latencies {
 public:
  void add(std::int64_t nanoseconds) {
    ++counts_[bucket(nanoseconds < 0 ? 0 : static_cast<std::uint64_t>(nanoseconds))];
    ++total_;
  }
  std::uint64_t total() const { return total_; }
  /// Nanoseconds that the share `q` does not exceed (the middle of the bucket); 0 if there are none.
  std::uint64_t at(double q) const {
    const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if ((seen += counts_[i]) > wanted) return middle(i);
    return 0;
  }

 private:
  static constexpr unsigned kBits = 7;
  static std::size_t bucket(std::uint64_t value) {
    if (value < (1u << kBits)) return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return (std::size_t{shift + 1} << kBits) + ((value >> shift) & ((1u << kBits) - 1));
  }
  static std::uint64_t middle(std::size_t bucket) {
    if (bucket < (1u << kBits)) return bucket;
    const std::size_t shift = (bucket >> kBits) - 1;
    const std::uint64_t low = ((bucket & ((1u << kBits) - 1)) | (1u << kBits)) << shift;
    return low + ((std::uint64_t{1} << shift) >> 1);
  }
  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>((64 - kBits + 1) << kBits);
  std::uint64_t total_ = 0;
};

}  // namespace bench
