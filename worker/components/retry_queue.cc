// The retry rule: delays double from the least to the greatest.
#include "worker/components/retry_queue.h"

#include <algorithm>

namespace sparse::worker {
namespace {

Nanoseconds delay_after(std::int64_t failures, const topology::Retry& rule) {
  std::int64_t delay = std::max<std::int64_t>(rule.delay_min_ms, 0);
  for (std::int64_t i = 1; i < failures && delay < rule.delay_max_ms && delay > 0; ++i) delay *= 2;
  return std::min(delay, std::max(rule.delay_min_ms, rule.delay_max_ms)) * kMillisecond;
}

}  // namespace

std::optional<Nanoseconds> RetryQueue::on_fail(std::uint64_t id, std::string_view reason, Nanoseconds now) {
  const std::int64_t failures = ++failures_[id];
  if (rule_.limit >= 0 && failures > rule_.limit) {
    failures_.erase(id);
    lost_.push({id, std::string(reason)});
    return std::nullopt;
  }
  const Nanoseconds at = now + delay_after(failures, rule_);
  waiting_.push({at, order_++, id});
  return at;
}

std::optional<std::uint64_t> RetryQueue::take_due(Nanoseconds now) {
  if (waiting_.empty() || waiting_.top().at > now) return std::nullopt;
  const std::uint64_t id = waiting_.top().id;
  waiting_.pop();
  return id;
}

std::optional<RetryQueue::Lost> RetryQueue::take_lost() {
  if (lost_.empty()) return std::nullopt;
  Lost lost = std::move(lost_.front());
  lost_.pop();
  return lost;
}

std::optional<Nanoseconds> RetryQueue::next_due() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.top().at;
}

}  // namespace sparse::worker
