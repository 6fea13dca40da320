// Delays double; tries are counted apart from failures.
#include "worker/kafka/retry_plan.h"

#include <algorithm>

#include "worker/acking/reasons.h"

namespace sparse::kafka {
namespace {

/// For people; whole reasons are with the dead letters.
std::string_view beginning_of(std::string_view reason) {
  constexpr std::size_t kMost = 200;
  reason = reason.substr(0, reason.find('\n'));
  if (reason.size() <= kMost) return reason;
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80) --end;  // no half characters
  return reason.substr(0, end);
}

}  // namespace

FailureKind kind_of(std::string_view reason) {
  if (reason == worker::kTimeoutReason) return FailureKind::timeout;
  if (reason.starts_with(kSinkReason)) return FailureKind::sink;
  if (reason.starts_with(kRefusedReason)) return FailureKind::refused;
  if (reason.starts_with("worker ") && reason.ends_with(worker::kLostReason)) return FailureKind::death;
  if (reason.starts_with("the child of component ") && reason.find(" died: ") != reason.npos) return FailureKind::death;
  return FailureKind::bolt;
}

Nanoseconds RetryPlan::delay_after(std::int64_t failures) const {
  Nanoseconds delay = std::max<Nanoseconds>(rule_.delay_min, 0);
  for (std::int64_t i = 1; i < failures && delay > 0 && delay < rule_.delay_max; ++i) delay *= 2;
  return std::min(delay, std::max(rule_.delay_min, rule_.delay_max));
}

bool RetryPlan::on_failure(std::uint64_t id, FailureKind kind, Nanoseconds now, std::string_view reason) {
  const bool was_alone = alone_ == id;
  if (was_alone) alone_.reset();
  History& history = failures_[id];
  ++history.failures;
  history.last_reason = beginning_of(reason);
  const bool counts = kind == FailureKind::bolt || (kind == FailureKind::refused && was_alone);
  if (counts && ++history.tries > rule_.limit && rule_.limit >= 0) {
    failures_.erase(id);
    return false;
  }
  const Waiting entry{now + delay_after(history.failures), order_++, id};
  if (kind == FailureKind::death || kind == FailureKind::refused)
    suspects_.push(entry);
  else
    waiting_.push(entry);
  return true;
}

void RetryPlan::on_done(std::uint64_t id) {
  if (failures_.empty()) return;
  failures_.erase(id);
  if (alone_ == id) alone_.reset();
}

std::optional<std::uint64_t> RetryPlan::take_due(Nanoseconds now) {
  if (!waiting_.empty() && waiting_.top().at <= now) {
    const std::uint64_t id = waiting_.top().id;
    waiting_.pop();
    return id;
  }
  if (alone_ || suspects_.empty() || suspects_.top().at > now) return std::nullopt;
  alone_ = suspects_.top().id;
  suspects_.pop();
  return alone_;
}

std::optional<Nanoseconds> RetryPlan::next_due() const {
  std::optional<Nanoseconds> due;
  if (!waiting_.empty()) due = waiting_.top().at;
  if (!suspects_.empty() && !alone_) due = std::min(due.value_or(suspects_.top().at), suspects_.top().at);
  return due;
}

bool DeadLetterGate::degraded(Nanoseconds now) {
  const std::int64_t second = now / kSecond;
  std::uint64_t done = 0, dead = 0;
  for (const Bucket& each : buckets_) {
    if (each.second < 0 || second - each.second >= static_cast<std::int64_t>(kSeconds)) continue;
    done += each.done;
    dead += each.dead;
  }
  return dead >= 10 && dead * 20 > done + dead;
}

}  // namespace sparse::kafka
