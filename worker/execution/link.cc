#include "worker/execution/link.h"

#include <unistd.h>

namespace sparse::worker {
namespace {

bool push_all(std::deque<BatchPtr>& waiting, SpscRing<Batch, 64>& ring) {
  bool any = false;
  while (!waiting.empty() && ring.push(waiting.front().get())) {
    static_cast<void>(waiting.front().release());
    waiting.pop_front();
    any = true;
  }
  return any;
}

}  // namespace

void Sleeper::wake() {
  // Pairs with the fence between "sleeping" and the last look at the rings: one of the two sides sees the other.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (state.load(std::memory_order_relaxed) == kAwake || state.exchange(kAwake) == kAwake || event < 0) return;
  const std::uint64_t one = 1;
  static_cast<void>(!::write(event, &one, sizeof one));
}

Link::~Link() {
  while (BatchPtr batch = pop_data()) {
  }
  while (BatchPtr batch = pop_control()) {
  }
  while (BatchPtr batch = pop_returned()) {
  }
}

bool Link::push() {
  const bool control = push_all(waiting_control_, control_);
  return push_all(waiting_data_, data_) || control;
}

bool Link::give_back(BatchPtr& batch) {
  if (!returned_.push(batch.get())) return false;
  static_cast<void>(batch.release());
  return true;
}

}  // namespace sparse::worker
