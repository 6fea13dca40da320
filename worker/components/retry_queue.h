// Which messages of a spout failed, when they are emitted again, and which are lost. Pure: the time is passed in.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/clock.h"
#include "core/topology/topology.h"

namespace sparse::worker {

/// What a topology gets that says nothing of `retry`: enough for a bolt that is restarted again and again, but not for ever.
inline constexpr topology::Retry kDefaultRetry = {.limit = 16, .delay_min_ms = 100, .delay_max_ms = 10'000};

/// Thread-compatible. Holds messages that failed at least once and have no final verdict.
class RetryQueue {
 public:
  explicit RetryQueue(topology::Retry rule = kDefaultRetry) : rule_(rule) {}

  struct Lost {
    std::uint64_t id = 0;
    std::string reason;
  };

  /// When the message will be emitted again; nothing if it was the last attempt: then `take_lost` gives it, once.
  std::optional<Nanoseconds> on_fail(std::uint64_t id, std::string_view reason, Nanoseconds now);
  /// Forgets its failures.
  void on_ack(std::uint64_t id) {
    if (!failures_.empty()) failures_.erase(id);
  }

  /// A message whose time has come, the earliest first; it is taken out.
  std::optional<std::uint64_t> take_due(Nanoseconds now);
  std::optional<Lost> take_lost();
  /// When `take_due` will have something; nothing if no message waits.
  std::optional<Nanoseconds> next_due() const;

  /// Those that have no final verdict yet.
  std::size_t undecided() const { return waiting_.size() + lost_.size(); }
  /// Neither a message that waits nor a lost one.
  bool empty() const { return waiting_.empty() && lost_.empty(); }
  /// So many wait that the spout should emit nothing new: what fails for ever must not fill the memory.
  bool full() const { return undecided() >= kWaitingMax; }

  static constexpr std::size_t kWaitingMax = 10'000;

 private:
  struct Waiting {
    Nanoseconds at;
    std::uint64_t order;  ///< among equal times the first that failed goes first
    std::uint64_t id;
    bool operator>(const Waiting& other) const { return at != other.at ? at > other.at : order > other.order; }
  };

  topology::Retry rule_;
  std::unordered_map<std::uint64_t, std::int64_t> failures_;
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
  std::queue<Lost> lost_;
  std::uint64_t order_ = 0;
};

}  // namespace sparse::worker
