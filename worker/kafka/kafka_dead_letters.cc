// What the Kafka spout does with messages that failed for good.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/counted.h"
#include "worker/kafka/advice.h"
#include "worker/kafka/kafka_spout.h"

namespace sparse::kafka {
namespace {

constexpr Nanoseconds kAgain = kSecond;
constexpr Nanoseconds kTellAgain = 60 * kSecond;
constexpr Nanoseconds kSlow = 5 * kSecond;  // without an answer

}  // namespace

// The offset stays open until the dead letter is delivered.
void KafkaSpout::give_up(Owned& owned, std::uint64_t sequence, std::string_view reason) {
  context_->log(Level::error,
                fmt::format("Kafka: topic {}, partition {}, offset {} failed for good, and goes to topic {}: {}", owned.topic,
                            owned.partition, owned.tracker.offset_of(sequence), options_.dead_letter, reason.substr(0, 1000)));
  const std::uint64_t tag = ++last_tag_;
  dying_[tag] = {.id = id_of(owned, sequence).value, .reason = std::string(reason), .since = context_->now()};
  unsent_.push_back(tag);
  send_unsent(context_->now());
}

// In their order. After a failure one at a time: brokers refuse a batch for one of its records.
void KafkaSpout::send_unsent(Nanoseconds now) {
  if (now < unsent_at_) return;
  const auto may_go = [this] { return dead_letter_trouble_.empty() || dying_.size() == unsent_.size(); };
  while (!unsent_.empty() && may_go() && send_dead_letter(unsent_.front())) unsent_.pop_front();
}

// False: not now. What is not of this life any more counts as sent.
bool KafkaSpout::send_dead_letter(std::uint64_t tag) {
  const auto& [id, reason, since, failure] = dying_.at(tag);
  const Owned& owned = *owned_by(id);
  const std::uint64_t sequence = sequence_of(id);
  if (!owned.tracker.is_open(sequence)) {
    dying_.erase(tag);
    return true;
  }
  const Message& message = owned.kept[sequence - owned.tracker.base()];
  const std::string partition = std::to_string(owned.partition), offset = std::to_string(message.offset());
  std::vector<Header> headers = message.headers();
  headers.push_back({"sparse-reason", std::string_view(reason).substr(0, 4096)});
  headers.push_back({"sparse-topic", owned.topic});
  headers.push_back({"sparse-partition", partition});
  headers.push_back({"sparse-offset", offset});
  headers.push_back({"sparse-topology", context_->topology()});
  headers.push_back({"sparse-component", context_->component()});
  const Record record{.topic = options_.dead_letter,
                      .key = message.key(),
                      .value = message.value(),
                      .headers = headers,
                      .about = ProducerHub::about(*deliveries_, tag)};
  std::vector<Outcome> refused;
  const bool had_room = dead_letters_->produce({&record, 1}, *deliveries_, refused) == 1;
  if (had_room && refused.empty()) return true;
  unsent_at_ = context_->now() + (had_room ? kAgain : kMillisecond);
  if (had_room) not_written(tag, refused.front().failure);
  return false;
}

// It is tried every second, and told of when the reason is a new one, or after a minute.
void KafkaSpout::not_written(std::uint64_t tag, std::string_view why) {
  const Nanoseconds now = context_->now();
  dying_.at(tag).failure = why;
  if (why == dead_letter_trouble_ && now - dead_letter_told_at_ < kTellAgain) return;
  dead_letter_trouble_ = why;
  dead_letter_told_at_ = now;
  context_->log(Level::error, "Kafka: " + dead_letter_state(now));
}

// Empty: those that there are have been under way for a moment.
std::string KafkaSpout::dead_letter_state(Nanoseconds now) const {
  if (dying_.empty()) return {};
  const auto failed = std::ranges::find_if(dying_, [](const auto& each) { return !each.second.failure.empty(); });
  const Dying& first = failed == dying_.end() ? dying_.begin()->second : failed->second;
  if (first.failure.empty() && now - first.since < kSlow) return {};
  const Owned& owned = *owned_[first.id >> kSequenceBits];
  const std::uint64_t sequence = sequence_of(first.id);
  if (!owned.tracker.is_open(sequence)) return {};
  const std::string why =
      first.failure.empty()
          ? fmt::format("no broker has taken it for {} s; check that the topic is there, and that its brokers run",
                        (now - first.since) / kSecond)
          : with_advice(fmt::format("{}; it is tried again every second", first.failure), first.failure);
  return fmt::format(
      "DEGRADED: {} cannot be written to topic {}, {}that of topic {}, partition {}, offset {}, "
      "which is not committed before: {}",
      counted(dying_.size(), "dead letter"), options_.dead_letter, dying_.size() == 1 ? "" : "as ", owned.topic, owned.partition,
      owned.tracker.offset_of(sequence), why);
}

void KafkaSpout::take_deliveries() {
  const Nanoseconds now = context_->now();
  const Outcomes outcomes = deliveries_->take();
  for (const Outcome& outcome : outcomes.failed) {
    if (!dying_.contains(outcome.tag)) continue;
    unsent_at_ = now + kAgain;
    unsent_.push_back(outcome.tag);
    not_written(outcome.tag, outcome.failure);
  }
  for (const std::uint64_t tag : outcomes.delivered) {
    const auto dying = dying_.find(tag);
    if (dying == dying_.end()) continue;
    const std::uint64_t id = dying->second.id;
    dying_.erase(dying);
    ++dead_;
    gate_.dead(now);
    release(*owned_by(id), sequence_of(id));
  }
  const auto has_failed = [](const auto& each) { return !each.second.failure.empty(); };
  if (dead_letter_trouble_.empty() || std::ranges::any_of(dying_, has_failed)) return;
  dead_letter_trouble_.clear();
  context_->log(Level::info, fmt::format("Kafka: dead letters are written to topic {} again", options_.dead_letter));
}

}  // namespace sparse::kafka
