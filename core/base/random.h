// Seeded pseudo-random numbers (wyrand): fast enough for one per edge id. Thread-compatible.
#pragma once

#include <cstdint>

namespace sparse {

// The product of two words; the name is a compiler's extension, which -Wpedantic would report.
__extension__ using DoubleWord = unsigned __int128;

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0xa0761d6478bd642full;
    const auto product = static_cast<DoubleWord>(state_) * (state_ ^ 0xe7037ed1a0b428dbull);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  /// Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) { return static_cast<std::uint64_t>((static_cast<DoubleWord>(next()) * bound) >> 64); }
  /// True with probability `part` / `whole`.
  bool chance(std::uint64_t part, std::uint64_t whole) { return below(whole) < part; }

 private:
  std::uint64_t state_;
};

/// A seed that differs each time.
std::uint64_t seed_from_system();

}  // namespace sparse
