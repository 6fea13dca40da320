// What waits for one task: a FIFO of records in pooled batches.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>

#include "worker/batch/batch.h"
#include "worker/batch/record.h"

namespace sparse::worker {

/// Lives on the task's loop.
class Inbox {
 public:
  /// Room for a record of `size` bytes at the end; `added` must follow.
  char* room(BatchPool& pool, std::size_t size) {
    if (batches_.empty() || batches_.back()->used + size > batches_.back()->capacity)
      batches_.push_back(pool.take(size, batches_.empty()));
    return batches_.back()->data() + batches_.back()->used;
  }
  void added(std::size_t size) {
    batches_.back()->used += static_cast<std::uint32_t>(size);
    ++records_;
    bytes_ += size;
  }
  void copy_in(BatchPool& pool, const Record& record) {
    std::memcpy(room(pool, record.size), &record, record.size);
    added(record.size);
  }

  bool empty() const { return records_ == 0; }
  std::uint64_t records() const { return records_; }
  std::uint64_t bytes() const { return bytes_; }

  /// Valid until `pop`.
  Record* front() { return reinterpret_cast<Record*>(batches_.front()->data() + position_); }
  void pop(BatchPool& pool) {
    const std::uint32_t size = front()->size;
    --records_;
    bytes_ -= size;
    position_ += size;
    if (position_ == batches_.front()->used) {
      pool.give(std::move(batches_.front()));
      batches_.pop_front();
      position_ = 0;
    }
  }
  /// Puts what `other` holds before everything else.
  void prepend(Inbox&& other, BatchPool& pool) {
    Inbox rest = std::move(*this);
    *this = std::move(other);
    other = Inbox();
    while (!rest.empty()) {
      copy_in(pool, *rest.front());
      rest.pop(pool);
    }
  }
  /// Calls `use` with each record, oldest first.
  template <class F>
  void for_each(F&& use) const {
    for (std::size_t i = 0; i < batches_.size(); ++i)
      for (std::uint32_t at = i == 0 ? position_ : 0; at < batches_[i]->used;) {
        const auto& record = *reinterpret_cast<const Record*>(batches_[i]->data() + at);
        use(record);
        at += record.size;
      }
  }
  /// It is another loop's from now on, and so are its batches.
  void set_owner(std::uint32_t loop) {
    for (BatchPtr& batch : batches_) batch->owner = loop;
  }
  void clear(BatchPool& pool) {
    for (BatchPtr& batch : batches_) pool.release(std::move(batch));
    *this = Inbox();
  }

 private:
  std::deque<BatchPtr> batches_;
  std::uint32_t position_ = 0;  ///< in the first batch
  std::uint64_t records_ = 0, bytes_ = 0;
};

}  // namespace sparse::worker
