// The way from one loop to another: rings of batches in three lanes.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <utility>

#include "worker/batch/batch.h"
#include "worker/batch/ring.h"

namespace sparse::worker {

/// How a sleeping thread is woken: producers look at `state` and write to `event` only if it says that its owner sleeps.
struct Sleeper {
  static constexpr int kAwake = 0, kSleeps = 1, kWaitsForCredit = 2;
  alignas(64) std::atomic<int> state{kAwake};
  int event = -1;  ///< an eventfd; -1 in manual mode

  /// After what it is to see was published.
  void wake();
  /// Only if it waits for credit.
  void wake_for_credit() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (state.load(std::memory_order_relaxed) == kWaitsForCredit) wake();
  }
};

/// Single producer, single consumer. Control (acks, credits) has a lane of its own that is always drained, so that it never
/// waits behind the data it would release. What does not fit into a ring waits on the producer's side: a push never blocks.
class Link {
 public:
  ~Link();

  // Producer.
  BatchPtr open_data, open_control;
  void send_data(BatchPtr batch) { waiting_data_.push_back(std::move(batch)); }
  void send_control(BatchPtr batch) { waiting_control_.push_back(std::move(batch)); }
  /// Moves what waits into the rings. True if something moved.
  bool push();
  /// The tuples that are not in the ring yet: their target is no more.
  std::deque<BatchPtr> take_waiting_data() { return std::exchange(waiting_data_, {}); }
  bool has_waiting() const { return !waiting_data_.empty() || !waiting_control_.empty(); }
  BatchPtr pop_returned() { return BatchPtr(returned_.pop()); }

  // Consumer.
  BatchPtr pop_data() { return BatchPtr(data_.pop()); }
  BatchPtr pop_control() { return BatchPtr(control_.pop()); }
  bool has_input() const { return !data_.empty() || !control_.empty(); }
  /// Sends a batch home. False (and the batch is still there) if the way is full.
  bool give_back(BatchPtr& batch);

 private:
  SpscRing<Batch, 64> data_, control_;
  SpscRing<Batch, 256> returned_;  // about 40 batches go round between two busy loops
  std::deque<BatchPtr> waiting_data_, waiting_control_;
};

}  // namespace sparse::worker
