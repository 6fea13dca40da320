// The mailbox between a spout task and its hub.
#include "worker/kafka/consumer_hub.h"

#include <utility>

namespace sparse::kafka {

std::vector<Assignment> Membership::take_assigned() {
  const std::lock_guard lock(mutex_);
  news_.store(false, std::memory_order_release);
  return std::exchange(assigned_, {});
}

std::vector<CommitReport> Membership::take_commits() {
  const std::lock_guard lock(mutex_);
  return std::exchange(commits_, {});
}

std::string Membership::stop_reason() const {
  const std::lock_guard lock(mutex_);
  return stop_reason_;
}

std::string Membership::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Membership::saw(const std::string& topic, std::int32_t partition, std::int64_t time) {
  const std::lock_guard lock(mutex_);
  seen_[{topic, partition}] = time;
}

std::map<Place, std::int64_t> Membership::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void Membership::assign(Assignment assignment) {
  const std::lock_guard lock(mutex_);
  assigned_.push_back(std::move(assignment));
  tell();
}

void Membership::committed(CommitReport report) {
  const std::lock_guard lock(mutex_);
  commits_.push_back(std::move(report));
  tell();
}

void Membership::stop(std::string reason) {
  const std::lock_guard lock(mutex_);
  stop_reason_ = std::move(reason);
  tell();
}

void Membership::set_state(std::string state) {
  Level level = Level::warn;
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    if (state == state_) return;
    text = state.empty() ? "Kafka: all is well again" : "Kafka: " + state;
    level = state.empty() ? Level::info : Level::warn;
    state_ = std::move(state);
  }
  report(level, text);
}

void Membership::report(Level level, std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (report_) report_(level, text);
}

void Membership::leave() {
  const std::lock_guard lock(mutex_);
  report_ = {};
  assigned_.clear();
}

}  // namespace sparse::kafka
