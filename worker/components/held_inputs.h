// The inputs that a child holds, by the id that it knows them by.
#pragma once

#include <cstdint>
#include <iterator>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "worker/components/input_share.h"

namespace sparse::worker {

struct HeldInput {
  std::int64_t id = 0;  ///< 0: a free place
  InputShare share = {};
  Nanoseconds since = 0;
  bool settled = false;  ///< failed by us; the child's own verdict is awaited, and ignored
};

/// Ids count up, and most inputs are settled soon after they came: a ring has them, where an id is a place. What stays longer
/// than a ring full of others moves to a map.
class HeldInputs {
 public:
  static constexpr std::size_t kLeast = 256, kMost = 8192;  ///< places of the ring

  std::size_t size() const { return size_; }

  /// `id` is positive and was not added before.
  void add(std::int64_t id, InputShare share, Nanoseconds now) {
    while (places_[place(id)].id != 0 && places_.size() < kMost) grow();
    HeldInput& at = places_[place(id)];
    if (at.id != 0) old_.emplace(at.id, std::move(at));
    at = {id, std::move(share), now, false};
    ++size_;
  }

  /// Null: it is not held. Valid until the next `add` or `take`.
  HeldInput* find(std::int64_t id) {
    if (id <= 0) return nullptr;
    HeldInput& at = places_[place(id)];
    if (at.id == id) return &at;
    if (old_.empty()) return nullptr;
    const auto found = old_.find(id);
    return found == old_.end() ? nullptr : &found->second;
  }

  /// Takes out what `find` gave.
  HeldInput take(HeldInput& held) {
    --size_;
    const bool is_old = &held < places_.data() || &held >= places_.data() + places_.size();
    HeldInput taken = std::exchange(held, HeldInput{});
    if (is_old) old_.erase(taken.id);
    return taken;
  }

  template <class F>
  void for_each(F visit) {
    for (HeldInput& held : places_)
      if (held.id != 0) visit(held);
    for (auto& [id, held] : old_) visit(held);
  }

  /// Takes out those of which `drop` says so.
  template <class F>
  void erase_if(F drop) {
    for (HeldInput& held : places_)
      if (held.id != 0 && drop(held)) take(held);
    for (auto at = old_.begin(); at != old_.end();) {
      const bool dropped = drop(at->second);
      if (dropped) --size_;
      at = dropped ? old_.erase(at) : std::next(at);
    }
  }

  void clear() { *this = HeldInputs(); }

 private:
  std::size_t place(std::int64_t id) const { return static_cast<std::size_t>(id) & (places_.size() - 1); }

  void grow() {
    std::vector<HeldInput> before(places_.size() * 2);
    before.swap(places_);
    for (HeldInput& held : before)
      if (held.id != 0) places_[place(held.id)] = std::move(held);
  }

  std::vector<HeldInput> places_ = std::vector<HeldInput>(kLeast);
  std::unordered_map<std::int64_t, HeldInput> old_;
  std::size_t size_ = 0;
};

}  // namespace sparse::worker
