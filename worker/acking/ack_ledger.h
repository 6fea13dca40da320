// The accounts of one spout task: which tuple trees are open, and when one is complete.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include <sparse/output.h>

#include "core/base/clock.h"
#include "worker/acking/root_id.h"

namespace sparse::worker {

/// A tree is acked when the XOR of all edges it was told of is zero: each edge is XORed in once where it is made and once where
/// its tuple is acked, so events may come in any order (Storm's acker rule). Each opened tree gets exactly one verdict: acked,
/// failed, or timed out between T and 1.1 T. Pure: it is told the time. Thread-compatible.
class AckLedger {
 public:
  enum class Outcome : std::uint8_t { open, acked, failed, timed_out, lost_worker };
  struct Verdict {
    Outcome outcome = Outcome::open;
    MessageId id;
    Nanoseconds took = 0;  ///< from open to verdict
  };
  struct Event {
    std::uint64_t root = 0;
    std::uint64_t edges = 0;  ///< XOR of edges
    std::uint64_t reach = 0;  ///< filter of workers that hold tuples of the tree: bit (worker % 64)
    bool failed = false;
  };

  /// `incarnation` tells this life of the spout task from earlier ones. `timeout` 0: never.
  AckLedger(TaskId spout, std::uint32_t incarnation, Nanoseconds timeout)
      : spout_(spout), incarnation_(incarnation & RootId::kIncarnationMask), timeout_(timeout) {}

  /// Opens a tree without edges and returns its root; 0 if all slots are taken. Its creator must `apply` its first edges.
  std::uint64_t open(MessageId id, Nanoseconds now);

  /// Outcome::open: the tree stays open, or the event is about a former life and is dropped.
  Verdict apply(const Event& event, Nanoseconds now) {
    Slot* slot = find(event.root);
    if (!slot) return {};
    slot->edges ^= event.edges;
    slot->reach |= event.reach;
    if (!event.failed && slot->edges != 0) return {};
    return settle(RootId::slot(event.root), event.failed ? Outcome::failed : Outcome::acked, now);
  }

  /// Appends the trees that have timed out. To be called every `sweep_interval`, also when nothing else happens.
  void sweep(Nanoseconds now, std::vector<Verdict>& verdicts);
  Nanoseconds sweep_interval() const {
    if (timeout_ == 0) return kSecond;
    return timeout_ / 20 < kSecond / 10 ? timeout_ / 20 + 1 : kSecond / 10;
  }
  /// Appends the trees that have reached a worker that is lost.
  void lose_worker(std::uint16_t worker, Nanoseconds now, std::vector<Verdict>& verdicts);

  std::uint64_t pending() const { return pending_; }

 private:
  enum class State : std::uint8_t { free, open, resting };
  struct Slot {
    std::uint64_t edges = 0;
    std::uint64_t reach = 0;
    MessageId id;
    Nanoseconds opened = 0;
    std::uint32_t generation = 1;
    State state = State::free;
  };

  Slot* find(std::uint64_t root) {
    const std::uint32_t index = RootId::slot(root);
    if (index >= slots_.size() || RootId::incarnation(root) != incarnation_) return nullptr;
    Slot& slot = slots_[index];
    return slot.state == State::open && slot.generation == RootId::generation(root) ? &slot : nullptr;
  }
  Verdict settle(std::uint32_t index, Outcome outcome, Nanoseconds now);

  TaskId spout_;
  std::uint32_t incarnation_;
  Nanoseconds timeout_;
  std::uint64_t pending_ = 0;
  Nanoseconds look_at_ = 0;  ///< before this no open tree is too old
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;  ///< LIFO: the slot used last is in the cache
  /// Slots freed without the tree being complete rest for one timeout, in which late events of the old tree die out.
  std::deque<std::pair<Nanoseconds, std::uint32_t>> resting_;
};

}  // namespace sparse::worker
