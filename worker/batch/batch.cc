#include "worker/batch/batch.h"

#include <algorithm>

namespace sparse::worker {

BatchPool::~BatchPool() {
  for (auto* list : {&free_, &free_small_})
    for (BatchPtr& batch : *list) release(std::move(batch));
}

BatchPtr BatchPool::take(std::size_t need, bool small) {
  const std::uint32_t wanted = small && need <= kSmallBatchBytes ? kSmallBatchBytes : kBatchBytes;
  auto& list = wanted == kSmallBatchBytes ? free_small_ : free_;
  if (need <= wanted && !list.empty()) {
    BatchPtr batch = std::move(list.back());
    list.pop_back();
    batch->used = batch->count = 0;
    return batch;
  }
  auto batch = std::make_unique<Batch>();
  batch->capacity = static_cast<std::uint32_t>(std::max<std::size_t>(wanted, (need + 7) & ~std::size_t{7}));
  batch->owner = owner_;
  batch->words.reset(new std::uint64_t[batch->capacity / 8]);
  bytes_.fetch_add(batch->capacity, std::memory_order_relaxed);
  return batch;
}

void BatchPool::give(BatchPtr batch) {
  auto& list = batch->capacity == kSmallBatchBytes ? free_small_ : free_;
  if (batch->capacity > kBatchBytes || list.size() >= kFreeMax)
    release(std::move(batch));
  else
    list.push_back(std::move(batch));
}

std::uint64_t BatchPool::free_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto* list : {&free_, &free_small_})
    for (const BatchPtr& batch : *list) bytes += batch->capacity;
  return bytes;
}

}  // namespace sparse::worker
