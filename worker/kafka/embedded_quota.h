// What may still be written to the embedded broker, which drops the oldest records of a partition that grows too large. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace sparse::kafka {

/// Until a record is delivered, it may be in any partition of its topic.
class EmbeddedQuota {
 public:
  explicit EmbeddedQuota(std::uint64_t partition_bytes) : limit_(partition_bytes) {}

  /// Counts a record, unless it could push a partition past the limit.
  bool take(std::string_view topic, std::uint64_t size) {
    Topic& found = topics_.try_emplace(std::string(topic)).first->second;
    if (found.overflowed || found.largest + found.under_way + size + kOverhead > limit_) return false;
    found.under_way += size + kOverhead;
    return true;
  }
  /// `begins_batch`: the broker keeps each batch as it came, and its head, too.
  void delivered(std::string_view topic, std::int32_t partition, std::uint64_t size, bool begins_batch) {
    Topic& found = topics_.try_emplace(std::string(topic)).first->second;
    found.under_way -= size + kOverhead;
    std::uint64_t& bytes = found.partitions[partition];
    bytes += size + kOverhead + (begins_batch ? kBatchHead : 0);
    if (bytes > found.largest) found.largest = bytes;
  }
  void failed(std::string_view topic, std::uint64_t size) {
    topics_.try_emplace(std::string(topic)).first->second.under_way -= size + kOverhead;
  }
  /// The broker has dropped records of the topic: others write there, too.
  void overflowed(std::string_view topic) { topics_.try_emplace(std::string(topic)).first->second.overflowed = true; }

 private:
  static constexpr std::uint64_t kOverhead = 24;   // of a record in a batch, at most
  static constexpr std::uint64_t kBatchHead = 64;  // 61, and what its lengths take
  struct Topic {
    std::map<std::int32_t, std::uint64_t> partitions;
    std::uint64_t largest = 0, under_way = 0;
    bool overflowed = false;
  };
  std::uint64_t limit_;
  std::map<std::string, Topic, std::less<>> topics_;
};

}  // namespace sparse::kafka
