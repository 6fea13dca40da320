// The slow side of the Kafka spout: partitions that come, positions that are committed, figures.
#include <fmt/format.h>

#include <algorithm>

#include "worker/kafka/kafka_spout.h"

namespace sparse::kafka {
namespace {

constexpr Nanoseconds kPublish = kSecond / 2, kSlowCommit = 5 * kSecond;
constexpr Nanoseconds kSlowTree = 3 * kSecond;  // that fills a partition
constexpr std::size_t kPartitionsMax = 65'000;

}  // namespace

void KafkaSpout::take_news() {
  if (!member_->has_news()) return;
  for (Assignment& each : member_->take_assigned()) take_assignment(std::move(each));
  take_commits(false);
  if (const std::string reason = member_->stop_reason(); !reason.empty()) stop(reason);
}

// At the end what was not emitted is given back: then alone an offset may fall.
void KafkaSpout::take_commits(bool at_end) {
  for (const CommitReport& report : member_->take_commits()) {
    commit_took_ = report.took;
    for (const PartitionOffset& each : report.offsets)
      for (const auto& owned : owned_)
        if (each.failure.code == kNoError && owned->topic == each.topic && owned->partition == each.partition) {
          owned->committed = at_end ? each.offset : std::max(owned->committed, each.offset);
          owned->tracker.committed(each.offset);
        }
  }
}

void KafkaSpout::stop(const std::string& reason) {
  stopped_ = true;
  host_->give_up(reason);
}

void KafkaSpout::take_assignment(Assignment assignment) {
  Owned* owned = nullptr;
  for (const auto& each : owned_)
    if (each->topic == assignment.topic && each->partition == assignment.partition) owned = each.get();
  if (!owned) {
    if (owned_.size() >= kPartitionsMax) return stop(fmt::format("one task cannot read more than {} partitions", kPartitionsMax));
    owned_.push_back(std::make_unique<Owned>());
    owned = owned_.back().get();
    owned->number = static_cast<std::uint16_t>(owned_.size() - 1);
    owned->topic = assignment.topic;
    owned->partition = assignment.partition;
    owned->end = assignment.end;
  }
  // What became too old while it waited here is still good, and what is under way goes on.
  const bool goes_on = owned->lost && !owned->gone && assignment.reader && assignment.start >= owned->tracker.next();
  if (goes_on) {
    owned->tracker.passed(assignment.start);
    owned->asked = std::min(owned->asked, owned->committed);  // what was asked for meanwhile may have been given up
  } else {
    begin_anew(*owned, assignment);
  }
  owned->buffer.clear();
  owned->buffered = owned->at = 0;
  owned->lost = owned->gone = assignment.reader == nullptr;
  owned->reader = std::move(assignment.reader);
  if (owned->lost) {
    owned->end = kNoOffset;
    return hub_->restart(*member_, owned->topic, owned->partition, {});
  }
  context_->log(Level::info, fmt::format("Kafka: reading topic {}, partition {} from offset {}", owned->topic, owned->partition,
                                         assignment.start));
}

void KafkaSpout::begin_anew(Owned& owned, const Assignment& assignment) {
  for (const Message& message : owned.kept)
    if (message.is_copy()) failed_bytes_ -= message.size();
  owned.kept.clear();
  owned.tracker.restart(assignment.start);
  owned.written_at = -1;
  owned.committed = assignment.start;
  // Where it begins is committed even if nothing comes: the next run must not begin anywhere else, and others must see this one.
  owned.asked = kNoOffset;
  commit_at_ = 0;
}

bool KafkaSpout::is_at_end() const {
  return std::ranges::all_of(owned_, [](const auto& owned) {
    const bool has_more = owned->at < owned->buffered && owned->buffer[owned->at].offset() < owned->end;
    // Offsets of a transaction's marks are never seen: what was fetched last may be past them.
    return !has_more && (owned->tracker.next() >= owned->end || (owned->at < owned->buffered));
  });
}

void KafkaSpout::work_by_time(Nanoseconds now) {
  send_unsent(now);
  if (dead_letters_) {
    const bool degraded = gate_.degraded(now);
    if (degraded && !degraded_)
      context_->log(Level::error,
                    fmt::format("DEGRADED: over 5 % of the last minute's messages went to topic {}: pausing. Something "
                                "is wrong with the topology or with what it reads; it goes on when a minute has passed",
                                options_.dead_letter));
    if (!degraded && degraded_) context_->log(Level::info, "no longer DEGRADED: going on");
    degraded_ = degraded;
  }
  if (now >= commit_at_) {
    commit_at_ = now + options_.commit_interval;
    commit(now, false);
  }
  if (now >= publish_at_) {
    publish_at_ = now + kPublish;
    publish(now);
  }
}

void KafkaSpout::commit(Nanoseconds now, bool at_end) {
  std::vector<PartitionOffset> positions;
  for (const auto& owned : owned_) {
    const std::int64_t position = owned->tracker.committable();
    const RetryPlan::History* const failed = failures_at(*owned);
    owned->held.look(position, owned->tracker.held() > 0, now, failed ? failed->failures : 0);
    if (owned->held.has_to_be_told(now)) context_->log(Level::warn, "Kafka: " + held_text(held(*owned, now)));
    if (!has_to_commit({.guarantee = options_.guarantee,
                        .position = position,
                        .asked = owned->asked,
                        .age = now - owned->asked_at,
                        .at_end = at_end}))
      continue;
    owned->asked = position;
    owned->asked_at = now;
    owned->tracker.asked();
    positions.push_back({.topic = owned->topic, .partition = owned->partition, .offset = position});
  }
  if (!positions.empty()) hub_->commit(*member_, positions);
}

// Of the message that holds the partition's committable offset; null: it has not failed.
const RetryPlan::History* KafkaSpout::failures_at(const Owned& owned) const {
  return owned.tracker.held() > 0 ? retries_.history(id_of(owned, owned.tracker.base()).value) : nullptr;
}

Held KafkaSpout::held(const Owned& owned, Nanoseconds now) const {
  const RetryPlan::History* const failed = failures_at(owned);
  return {.topic = owned.topic,
          .partition = owned.partition,
          .offset = owned.tracker.committable(),
          .age = owned.held.age(now),
          .failures = failed ? failed->failures : 0,
          .last_reason = failed ? std::string_view(failed->last_reason) : std::string_view(),
          .later = owned.tracker.held() > 0 ? owned.tracker.held() - 1 : 0,
          .full = is_full(owned) ? options_.max_uncommitted : 0,
          .goes_to_dead_letters = !options_.dead_letter.empty()};
}

// What is wrong at the moment with what the spout waits for, for people; empty: nothing.
std::string KafkaSpout::outer_state(Nanoseconds now) const {
  if (degraded_)
    return fmt::format("DEGRADED: pausing, since over 5 % of the last minute's messages went to topic {}", options_.dead_letter);
  if (std::string state = member_->state(); !state.empty()) return state;
  if (std::string state = dead_letter_state(now); !state.empty()) return state;
  for (const auto& owned : owned_)
    if (is_full(*owned) && owned->asked > owned->committed && now - owned->asked_at > kSlowCommit)
      return fmt::format("topic {}, partition {} waits: {} messages are done, and the group {} does not take their offset",
                         owned->topic, owned->partition, owned->tracker.uncommitted(), options_.group);
  return {};
}

// The partitions that wait for the topology itself, for people; empty: none.
std::string KafkaSpout::held_state(Nanoseconds now) const {
  std::string text;
  std::size_t others = 0;
  for (const auto& owned : owned_) {
    const bool waits = is_full(*owned) && owned->tracker.committable() <= owned->committed && owned->held.age(now) >= kSlowTree;
    if (!owned->held.is_stuck(now) && !waits) continue;
    if (text.empty())
      text = held_text(held(*owned, now));
    else
      ++others;
  }
  if (others > 0) text += fmt::format("; {} other partition{} stuck, too", others, others == 1 ? " is" : "s are");
  return text;
}

void KafkaSpout::publish(Nanoseconds now) {
  Value::List partitions;
  std::int64_t lag_sum = 0;
  Nanoseconds oldest = 0;
  for (const auto& owned : owned_) {
    if (owned->written_at >= 0) member_->saw(owned->topic, owned->partition, owned->written_at);
    const Watermarks marks = owned->reader ? owned->reader->watermarks() : Watermarks{};
    // Before the first fetch the end is what the hub has asked for.
    const std::int64_t high = std::max({marks.high, owned->end, std::int64_t{0}});
    const std::int64_t lag = std::max<std::int64_t>(0, high - std::max<std::int64_t>(0, owned->committed));
    lag_sum += lag;
    oldest = std::max(oldest, owned->held.age(now));
    partitions.push_back(Value::Map{{"topic", owned->topic},
                                    {"partition", static_cast<std::int64_t>(owned->partition)},
                                    {"position", owned->tracker.next()},
                                    {"committed", owned->committed},
                                    {"end", high},
                                    {"lag", lag},
                                    {"uncommitted", static_cast<std::int64_t>(owned->tracker.uncommitted())},
                                    {"full", is_full(*owned)}});
  }
  const std::string outer = outer_state(now), held = outer.empty() ? held_state(now) : std::string();
  figures_->put(context_->component(), context_->task(),
                Value::Map{{"task", static_cast<std::int64_t>(context_->task())},
                           {"state", !outer.empty()  ? outer
                                     : !held.empty() ? held
                                                     : "well"},
                           {"waits_outside", !outer.empty()},
                           {"lag", owned_.empty() ? Value() : Value(lag_sum)},  // of no partitions nothing is known
                           {"commit_ms", static_cast<double>(commit_took_) / 1e6},
                           {"oldest_uncommitted_s", static_cast<double>(oldest) / 1e9},
                           {"waiting_for_retry", static_cast<std::int64_t>(retries_.waiting())},
                           {"undecodable", static_cast<std::int64_t>(decoded_wrong_)},
                           {"dead_letters", static_cast<std::int64_t>(dead_)},
                           {"left_undone", static_cast<std::int64_t>(left_undone_)},
                           {"partitions", std::move(partitions)}});
}

}  // namespace sparse::kafka
