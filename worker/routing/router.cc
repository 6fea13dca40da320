#include "worker/routing/router.h"

#include <algorithm>

#include "worker/routing/hash.h"

namespace sparse::worker {

using topology::GroupingKind;

Router::Router(Options options) : options_(std::move(options)) {
  // "none" leaves the choice to the system: near tasks first costs least.
  prefers_near_ = options_.kind == GroupingKind::local_or_shuffle || options_.kind == GroupingKind::none;
  if (!prefers_near_) options_.near.clear();
  if (prefers_near_ && options_.near.empty()) options_.kind = GroupingKind::shuffle;
  const std::size_t choices = options_.near.empty() ? options_.targets : options_.near.size();
  next_ = choices == 0 ? 0 : options_.offset % static_cast<std::uint32_t>(choices);
  if (options_.kind == GroupingKind::partial_key) sent_.resize(options_.targets);
}

void Router::set_near(std::vector<std::uint32_t> near) {
  if (!prefers_near_) return;
  options_.near = std::move(near);
  const std::size_t choices = options_.near.empty() ? options_.targets : options_.near.size();
  next_ %= static_cast<std::uint32_t>(std::max<std::size_t>(1, choices));
}

std::uint32_t Router::advance() {
  const std::size_t choices = options_.near.empty() ? options_.targets : options_.near.size();
  const std::uint32_t at = next_;
  if (++next_ >= choices) next_ = 0;
  return options_.near.empty() ? at : options_.near[at];
}

std::uint32_t Router::round_robin() {
  if (ahead_.empty()) return advance();
  const std::uint32_t index = ahead_.front();
  ahead_.pop_front();
  return index;
}

std::uint32_t Router::choose_one(const Tuple& tuple) {
  if (options_.targets == 1 || options_.kind == GroupingKind::global) return 0;  // global: the lowest task, as in Storm
  if (options_.kind == GroupingKind::fields)
    return task_of_group(key_group(fields_hash(tuple.cells(), options_.positions)), options_.targets);
  if (options_.kind == GroupingKind::partial_key) return choose_partial_key(tuple);
  return round_robin();
}

// Two candidates by the key, the less used one of them ("power of both choices", Nasir et al., ICDE 2015).
std::uint32_t Router::choose_partial_key(const Tuple& tuple) {
  const std::uint64_t hash = fields_hash(tuple.cells(), options_.positions);
  const std::uint32_t first = task_of_group(key_group(hash), options_.targets);
  auto second = static_cast<std::uint32_t>(((hash & 0xffffffffu) * (options_.targets - 1)) >> 32);
  if (second >= first) ++second;
  const std::uint32_t index = sent_[second] < sent_[first] ? second : first;
  ++sent_[index];
  return index;
}

void Router::choose_custom(const Tuple& tuple) {
  chosen_tasks_.clear();
  chosen_.clear();
  options_.custom->choose(tuple, chosen_tasks_);
  for (const TaskId task : chosen_tasks_) {
    const auto found = std::lower_bound(options_.tasks.begin(), options_.tasks.end(), task);
    if (found == options_.tasks.end() || *found != task)
      throw std::runtime_error("the custom grouping chose task " + std::to_string(task) +
                               ", which is not one of the subscriber's");
    chosen_.push_back(static_cast<std::uint32_t>(found - options_.tasks.begin()));
  }
}

bool Router::chooses_ahead() const {
  switch (options_.kind) {
    case GroupingKind::fields:
    case GroupingKind::partial_key: return options_.targets == 1;
    case GroupingKind::direct:
    case GroupingKind::custom: return false;
    default: return true;
  }
}

void Router::choose_ahead(std::vector<std::uint32_t>& indices) {
  if (options_.kind == GroupingKind::all) {
    for (std::uint32_t i = 0; i < options_.targets; ++i) indices.push_back(i);
  } else if (options_.targets == 1 || options_.kind == GroupingKind::global) {
    indices.push_back(0);
  } else {
    ahead_.push_back(advance());
    indices.push_back(ahead_.back());
  }
}

}  // namespace sparse::worker
