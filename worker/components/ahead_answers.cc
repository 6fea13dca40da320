// Task ids for a child that asks for them, answered before it asks where that is possible.
#include "worker/components/ahead_answers.h"

namespace sparse::worker {

bool AheadAnswers::asked(const Tasks& targets, bool busy) {
  used_choice();
  if (told_ > 0) {
    --told_;
    used_ = true;
    if (kind_ == Kind::blocking && told_ < kLowStock) refill();
    return false;
  }
  if (kind_ == Kind::unknown && busy) {
    held_.push_back(targets);
    return true;
  }
  write_(targets);
  if (kind_ == Kind::blocking) refill();
  return false;
}

void AheadAnswers::emitted_without_asking(std::size_t emits) {
  for (; emits > 0 && !chosen_.empty(); --emits) used_choice();
  // The stock is for the emits that ask. A child that asks only now and then is not worth one.
  if (kind_ != Kind::plain) kind_ = Kind::plain;
}

void AheadAnswers::heard() {
  if (held_.empty()) return;
  kind_ = Kind::plain;
  release();
}

void AheadAnswers::release() {
  for (const Tasks& tasks : held_) write_(tasks);
  held_.clear();
}

void AheadAnswers::probe_over() {
  if (held_.empty()) return;
  release();
  if (++silent_ < kProbes) return;
  kind_ = Kind::blocking;
  refill();
}

void AheadAnswers::refill() {
  while (told_ < kStock) {
    if (told_ >= chosen_.size()) {
      Tasks tasks;
      if (!choose_(tasks)) {
        kind_ = Kind::plain;
        return;
      }
      chosen_.push_back(std::move(tasks));
    }
    write_(chosen_[told_]);
    ++told_;
  }
}

void AheadAnswers::child_died(bool innocent) {
  // It died of the first list it had not asked for.
  if (kind_ == Kind::blocking && told_ > 0 && !used_ && !innocent) kind_ = Kind::plain;
  held_.clear();
  told_ = 0;
}

}  // namespace sparse::worker
