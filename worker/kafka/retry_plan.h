// Which failed messages are tried again, when, and which have failed for good. Pure: the time is passed in.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/clock.h"

namespace sparse::kafka {

/// Why a message failed. A bolt's own word counts as a try. What died may have died of another one, and what brokers refused may
/// have been refused with the batch of another one: these are tried alone, and only what is refused alone counts.
enum class FailureKind { bolt, timeout, death, sink, refused };
FailureKind kind_of(std::string_view reason);

/// How sinks begin their reasons, so that a spout can tell them from those of a bolt.
inline constexpr std::string_view kSinkReason = "Kafka sink: ";
/// The same, of a record that brokers do not take, or not in that company.
inline constexpr std::string_view kRefusedReason = "Kafka refuses the record: ";

struct RetryRule {
  std::int64_t limit = -1;  ///< tries after the first; -1: for ever
  Nanoseconds delay_min = 100 * kMillisecond, delay_max = 60 * kSecond;
};

/// Holds what failed and has no verdict. Suspects of a death or a refusal are given out one at a time.
class RetryPlan {
 public:
  explicit RetryPlan(RetryRule rule = {}) : rule_(rule) {}

  struct History {
    std::int64_t tries = 0, failures = 0;
    std::string last_reason = {};  ///< its beginning
  };

  /// False if it has failed for good: it is forgotten then.
  bool on_failure(std::uint64_t id, FailureKind kind, Nanoseconds now, std::string_view reason = {});
  void on_done(std::uint64_t id);
  /// A message whose time has come; it is taken out.
  std::optional<std::uint64_t> take_due(Nanoseconds now);
  /// When `take_due` will have one, unless it waits for another one's verdict.
  std::optional<Nanoseconds> next_due() const;
  /// Of what has failed and has no verdict; null for others.
  const History* history(std::uint64_t id) const {
    const auto found = failures_.find(id);
    return found == failures_.end() ? nullptr : &found->second;
  }
  /// Nothing waits, and nothing that failed is under way.
  bool empty() const { return failures_.empty(); }
  std::size_t waiting() const { return waiting_.size() + suspects_.size(); }

 private:
  struct Waiting {
    Nanoseconds at;
    std::uint64_t order, id;
    bool operator>(const Waiting& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  Nanoseconds delay_after(std::int64_t failures) const;

  RetryRule rule_;
  std::unordered_map<std::uint64_t, History> failures_;
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_, suspects_;
  std::optional<std::uint64_t> alone_;  ///< the suspect that is under way
  std::uint64_t order_ = 0;
};

/// Says when too much of what is read goes to the dead letters: over 5 % of a minute's messages, and at least ten.
class DeadLetterGate {
 public:
  void done(Nanoseconds now) { ++bucket(now).done; }
  void dead(Nanoseconds now) { ++bucket(now).dead; }
  bool degraded(Nanoseconds now);

 private:
  static constexpr std::size_t kSeconds = 60;
  struct Bucket {
    std::int64_t second = -1;
    std::uint64_t done = 0, dead = 0;
  };
  Bucket& bucket(Nanoseconds now) {
    const std::int64_t second = now / kSecond;
    Bucket& found = buckets_[static_cast<std::size_t>(second) % kSeconds];
    if (found.second != second) found = {.second = second};
    return found;
  }
  std::array<Bucket, kSeconds> buckets_ = {};
};

}  // namespace sparse::kafka
