// The reason that is known best comes first: of the topic or its brokers, then of the record that failed last.
#include "worker/kafka/sink_state.h"

#include <fmt/format.h>

#include "worker/kafka/advice.h"

namespace sparse::kafka {
namespace {

constexpr Nanoseconds kLookAfter = 2 * kSecond;  // of silence; what is found is told after some more of it
constexpr Nanoseconds kSilence = 3 * kSecond;
constexpr Nanoseconds kShowFailure = 10 * kSecond;  // even if others are delivered

}  // namespace

std::string_view Troubles::of(std::string_view topic) const {
  if (!brokers.empty() || topics.empty()) return brokers;
  if (topic.empty()) return topics.begin()->second;
  const auto found = topics.find(topic);
  return found == topics.end() ? std::string_view() : found->second;
}

Troubles troubles_of(const Result<std::vector<TopicInfo>>& answer, std::string_view heard, std::string_view brokers) {
  Troubles troubles;
  if (!answer) {
    troubles.brokers =
        fmt::format("no broker of {} answers ({})", brokers, heard.empty() ? std::string_view(answer.error().message) : heard);
    return troubles;
  }
  for (const TopicInfo& each : *answer)
    if (each.failure.code != kNoError)
      troubles.topics[each.name] = fmt::format("topic {} cannot be written at {}: {}", each.name, brokers, each.failure.text);
    else if (each.leaderless >= 0)
      troubles.topics[each.name] = fmt::format("topic {}, partition {} cannot be written at {}: no broker leads it (NO_LEADER)",
                                               each.name, each.leaderless, brokers);
  return troubles;
}

void SinkHealth::delivered(Nanoseconds now) {
  since_ = now;
  delivered_since_ = true;
}

void SinkHealth::failed(std::string_view failure, bool refused, Nanoseconds now) {
  failure_ = failure;
  refused_ = refused;
  delivered_since_ = false;
  failed_at_ = now;
}

bool SinkHealth::is_silent(std::uint64_t waiting, Nanoseconds now) const { return waiting > 0 && now - since_ >= kSilence; }

bool SinkHealth::asks(std::uint64_t waiting, Nanoseconds now) const {
  return is_failing(now) || (waiting > 0 && now - since_ >= kLookAfter);
}

// Others may be delivered while the records to one topic fail.
bool SinkHealth::is_failing(Nanoseconds now) const {
  return !failure_.empty() && (now - failed_at_ < kShowFailure || !(delivered_since_ || refused_));
}

std::string SinkHealth::reason(std::uint64_t waiting, std::string_view trouble, std::string_view brokers, Nanoseconds now) const {
  const bool failing = is_failing(now);
  if (!failing && !is_silent(waiting, now)) return {};
  if (!trouble.empty()) return with_advice(std::string(trouble)) + "; sparse keeps trying";
  if (failing) return with_advice(failure_);
  return fmt::format(
      "nothing is delivered to {}; check that the brokers run and keep up: their logs may say why; sparse keeps trying", brokers);
}

std::optional<std::string> SinkHealth::news(std::uint64_t waiting, std::string_view trouble, std::string_view brokers,
                                            Nanoseconds now) {
  if (is_failing(now) && trouble.empty()) return std::nullopt;  // it was told when it failed
  std::string why = reason(waiting, trouble, brokers, now);
  if (why == told_) return std::nullopt;
  told_ = why;
  return why;
}

std::string SinkHealth::state(std::uint64_t waiting, std::string_view trouble, std::string_view brokers, Nanoseconds now) const {
  std::string why = reason(waiting, trouble, brokers, now);
  if (why.empty()) return "well";
  if (!is_silent(waiting, now)) return why;
  return fmt::format("{} record{} for {} s: {}", waiting, waiting == 1 ? " waits" : "s wait", (now - since_) / kSecond, why);
}

}  // namespace sparse::kafka
