// What a file needs in a topic of the embedded broker, and whether it fits. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace sparse::cli {

/// Bytes of each partition when lines go to partitions in turn, as the broker stores them (a little more than the lines).
class LoadPlan {
 public:
  explicit LoadPlan(int partitions) : bytes_(static_cast<std::size_t>(partitions), 0) {}

  /// The partition of the next line.
  std::int32_t add(std::size_t line);
  std::uint64_t fullest() const;
  std::uint64_t total() const;
  /// Whether all partitions stay below what the broker keeps; else what to do.
  Result<bool> check(const std::string& file, const std::string& topic) const;

 private:
  std::vector<std::uint64_t> bytes_;
  std::size_t next_ = 0;
};

}  // namespace sparse::cli
