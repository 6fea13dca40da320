// What is wrong with the records of a producer at the moment, for people. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "worker/kafka/handle.h"

namespace sparse::kafka {

/// What keeps records from their topics.
struct Troubles {
  std::string brokers = {};                                     ///< none answers, and why; empty: they do
  std::map<std::string, std::string, std::less<>> topics = {};  ///< those that cannot be written
  /// Of this topic, or of any if it has no name; empty: nothing is known.
  std::string_view of(std::string_view topic) const;
};

/// `answer`: what a look at the topics has brought; `heard`: why no broker could be reached, if that is known.
Troubles troubles_of(const Result<std::vector<TopicInfo>>& answer, std::string_view heard, std::string_view brokers);

/// How the records of a sink fare. The time is passed in.
class SinkHealth {
 public:
  /// Nothing waited before this record.
  void waits(Nanoseconds now) { since_ = now; }
  void delivered(Nanoseconds now);
  /// `refused`: the record itself, so that the next may be delivered.
  void failed(std::string_view failure, bool refused, Nanoseconds now);

  /// No more records come: a failure is over if one was delivered since.
  void ends() {
    if (delivered_since_) failure_.clear();
  }

  /// Whether somebody has to look why records are not delivered; `waiting`: records without an outcome.
  bool asks(std::uint64_t waiting, Nanoseconds now) const;
  /// With what to do; `well` if nothing is wrong. `trouble`: see Troubles.
  std::string state(std::uint64_t waiting, std::string_view trouble, std::string_view brokers, Nanoseconds now) const;
  /// What the log has to be told, once: what is wrong now, or (empty) that nothing is any more.
  std::optional<std::string> news(std::uint64_t waiting, std::string_view trouble, std::string_view brokers, Nanoseconds now);

 private:
  bool is_silent(std::uint64_t waiting, Nanoseconds now) const;
  bool is_failing(Nanoseconds now) const;
  std::string reason(std::uint64_t waiting, std::string_view trouble, std::string_view brokers, Nanoseconds now) const;

  Nanoseconds since_ = 0;  ///< the last delivery, or when the first record that waits came
  std::string failure_ = {};
  bool refused_ = false, delivered_since_ = true;  ///< of `failure_`
  Nanoseconds failed_at_ = 0;
  std::string told_ = {};
};

}  // namespace sparse::kafka
