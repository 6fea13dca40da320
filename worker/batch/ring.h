// A bounded single-producer single-consumer ring of pointers, each side caching the other's index.
#pragma once

#include <atomic>
#include <cstdint>

namespace sparse::worker {

/// Thread rule: one thread pushes, one thread pops. N is a power of two. What is left in it belongs to nobody: drain it first.
template <class T, std::uint32_t N>
class SpscRing {
  static_assert((N & (N - 1)) == 0);

 public:
  bool push(T* item) {
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ == N) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ == N) return false;
    }
    slots_[tail % N] = item;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  /// Null if empty.
  T* pop() {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_seen_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head == tail_seen_) return nullptr;
    }
    T* item = slots_[head % N];
    head_.store(head + 1, std::memory_order_release);
    return item;
  }
  bool empty() const { return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_acquire); }

 private:
  alignas(64) std::atomic<std::uint32_t> head_{0};
  std::uint32_t tail_seen_ = 0;
  alignas(64) std::atomic<std::uint32_t> tail_{0};
  std::uint32_t head_seen_ = 0;
  alignas(64) T* slots_[N] = {};
};

}  // namespace sparse::worker
