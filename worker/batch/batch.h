// Batches: append-only buffers of records, pooled by the loop that fills them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/clock.h"

namespace sparse::worker {

inline constexpr std::uint32_t kBatchBytes = 64 * 1024;
inline constexpr std::uint32_t kBatchRecords = 256;
inline constexpr std::uint32_t kSmallBatchBytes = 2 * 1024;  ///< the first piece of an inbox

struct Batch {
  std::uint32_t used = 0;
  std::uint32_t count = 0;
  std::uint32_t capacity = 0;
  std::uint32_t owner = 0;  ///< the loop whose pool it returns to
  Nanoseconds opened = 0;
  std::unique_ptr<std::uint64_t[]> words;  ///< aligned to 8

  char* data() { return reinterpret_cast<char*>(words.get()); }
  const char* data() const { return reinterpret_cast<const char*>(words.get()); }
};
using BatchPtr = std::unique_ptr<Batch>;

/// Takes and keeps the batches of one loop. Lives on the loop's thread; the byte counter is shared by the worker.
class BatchPool {
 public:
  BatchPool(std::uint32_t owner, std::atomic<std::uint64_t>& bytes) : owner_(owner), bytes_(bytes) {}
  ~BatchPool();

  /// An empty batch with room for `need` bytes, and for kBatchBytes unless `small` is enough.
  BatchPtr take(std::size_t need, bool small = false);
  /// Takes back a batch of this pool.
  void give(BatchPtr batch);
  /// Frees a batch of any pool.
  void release(BatchPtr batch) { bytes_.fetch_sub(batch->capacity, std::memory_order_relaxed); }

  std::uint32_t owner() const { return owner_; }
  std::uint64_t free_bytes() const;
  /// Of all pools of the worker, used and free.
  std::uint64_t worker_bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kFreeMax = 64;  // of each size: 4 MiB
  std::uint32_t owner_;
  std::atomic<std::uint64_t>& bytes_;
  std::vector<BatchPtr> free_, free_small_;
};

}  // namespace sparse::worker
