#include "worker/acking/ack_ledger.h"

#include <algorithm>

namespace sparse::worker {

std::uint64_t AckLedger::open(MessageId id, Nanoseconds now) {
  std::uint32_t index = 0;
  if (!free_.empty()) {
    index = free_.back();
    free_.pop_back();
  } else {
    if (slots_.size() == RootId::kSlotsMax) return 0;
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  }
  Slot& slot = slots_[index];
  slot.edges = 0;
  slot.reach = 0;
  slot.id = id;
  slot.opened = now;
  slot.state = State::open;
  ++pending_;
  return RootId::make(spout_, incarnation_, index, slot.generation);
}

AckLedger::Verdict AckLedger::settle(std::uint32_t index, Outcome outcome, Nanoseconds now) {
  Slot& slot = slots_[index];
  const Verdict verdict{outcome, slot.id, now - slot.opened};
  slot.edges = 0;
  slot.generation = (slot.generation + 1) & RootId::kGenerationMask;
  if (slot.generation == 0) slot.generation = 1;  // so that no root is 0
  --pending_;
  if (outcome == Outcome::acked) {
    slot.state = State::free;
    free_.push_back(index);
  } else {
    slot.state = State::resting;
    resting_.emplace_back(now + timeout_, index);
  }
  return verdict;
}

void AckLedger::sweep(Nanoseconds now, std::vector<Verdict>& verdicts) {
  while (!resting_.empty() && resting_.front().first <= now) {
    slots_[resting_.front().second].state = State::free;
    free_.push_back(resting_.front().second);
    resting_.pop_front();
  }
  if (timeout_ == 0 || pending_ == 0 || now < look_at_) return;
  // The oldest tree that is open now tells when the slots have to be looked through again: what is opened later is younger.
  Nanoseconds oldest = now;
  for (std::uint32_t index = 0; index < slots_.size(); ++index) {
    if (slots_[index].state != State::open) continue;
    if (now - slots_[index].opened >= timeout_)
      verdicts.push_back(settle(index, Outcome::timed_out, now));
    else
      oldest = std::min(oldest, slots_[index].opened);
  }
  look_at_ = oldest + timeout_;
}

void AckLedger::lose_worker(std::uint16_t worker, Nanoseconds now, std::vector<Verdict>& verdicts) {
  const std::uint64_t bit = std::uint64_t{1} << (worker % 64);
  for (std::uint32_t index = 0; index < slots_.size(); ++index)
    if (slots_[index].state == State::open && (slots_[index].reach & bit) != 0)
      verdicts.push_back(settle(index, Outcome::lost_worker, now));
}

}  // namespace sparse::worker
