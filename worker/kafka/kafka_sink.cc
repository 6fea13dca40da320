// From tuples to records, and from deliveries to acks.
#include "worker/kafka/kafka_sink.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/base/counted.h"
#include "core/base/prefetch.h"
#include "worker/components/value_json.h"
#include "worker/kafka/advice.h"
#include "worker/kafka/retry_plan.h"

namespace sparse::kafka {
namespace {

constexpr Nanoseconds kTellAgain = 10 * kSecond;
constexpr Nanoseconds kPublish = kSecond / 2;
constexpr Nanoseconds kLookForRoom = 10 * kMillisecond;
constexpr std::chrono::milliseconds kFlushFor{3'000};
constexpr std::size_t kPlacesAhead = 12;  // so long before its use a place is asked for
constexpr std::size_t kBatch = 1'024;
constexpr std::size_t kBatchBytes = 1u << 20;

}  // namespace

void KafkaSink::open(Context& context) {
  context_ = &context;
  const std::int64_t timeout = topology::config_integer(host_->topology(), nullptr, "topology.message.timeout.secs", 30);
  auto options = read_sink_options(host_->component(), timeout * 1000, true);
  if (!options) throw std::runtime_error(options.error().message);
  options_ = std::move(*options);
  const Report report = [&context](Level level, std::string_view text) { context.log(level, text); };
  auto hub = clients_->producer(options_.connection, report);
  if (!hub) throw std::runtime_error(hub.error().message);
  hub_ = std::move(*hub);
  deliveries_ = hub_->join(report);
  if (!deliveries_) throw std::runtime_error("too many tasks share one Kafka producer");
  host_->watch(deliveries_->wake.get(), EPOLLIN);
  context.start_timer(std::chrono::nanoseconds(kPublish));
}

const Cell* KafkaSink::field(const Tuple& tuple, const std::string& name, Place& place, std::string& why) {
  if (place.source != tuple.source_task() || place.stream != tuple.stream_number()) {
    const int index = tuple.receiver()->engine().field_of(*tuple.receiver(), tuple.source_task(), tuple.stream_number(), name);
    place = {tuple.source_task(), tuple.stream_number(), index};
  }
  if (place.index >= 0 && static_cast<std::size_t>(place.index) < tuple.size()) return tuple.cells() + place.index;
  why = fmt::format("stream {}/{} has no field \"{}\"", tuple.source_component(), tuple.stream(), name);
  return nullptr;
}

std::string_view KafkaSink::text_of(const Cell& cell, std::string& room) const {
  const ValueView value(cell);
  if (value.type() == Type::string) return value.string();
  if (value.type() == Type::bytes) return value.bytes();
  room.clear();
  worker::append_json(room, value);
  return room;
}

// Most records go where the one before went.
bool KafkaSink::names_topic(std::string_view name) {
  if (!name.empty() && name == last_topic_) return true;
  if (!is_topic_name(name)) return false;
  last_topic_ = name;
  return true;
}

bool KafkaSink::read_record(const Tuple& tuple, Record& record, std::string& why) {
  record.topic = options_.topic;
  if (!options_.topic_field.empty()) {
    const Cell* cell = field(tuple, options_.topic_field, topic_place_, why);
    if (!cell) return false;
    record.topic = text_of(*cell, topic_room_);
    if (cell->type() == Type::null || !names_topic(record.topic)) {
      why = fmt::format("the field \"{}\" names no topic: it is \"{}\"", options_.topic_field, record.topic.substr(0, 300));
      return false;
    }
  }
  if (!options_.key.empty()) {
    const Cell* cell = field(tuple, options_.key, key_place_, why);
    if (!cell) return false;
    if (cell->type() != Type::null) record.key = text_of(*cell, key_room_);
  }
  if (!options_.partition.empty()) {
    const Cell* cell = field(tuple, options_.partition, partition_place_, why);
    if (!cell) return false;
    if (cell->type() != Type::integer || ValueView(*cell).integer() < 0 || ValueView(*cell).integer() > INT32_MAX) {
      why = fmt::format("the field \"{}\" is no number of a partition", options_.partition);
      return false;
    }
    record.partition = static_cast<std::int32_t>(ValueView(*cell).integer());
  }
  if (!options_.headers.empty()) {
    const Cell* cell = field(tuple, options_.headers, headers_place_, why);
    if (!cell) return false;
    if (cell->type() != Type::map) {
      why = fmt::format("the field \"{}\" is no map of headers", options_.headers);
      return false;
    }
    headers_.clear();
    header_rooms_.clear();
    const MapView map = ValueView(*cell).map();
    for (std::size_t i = 0; i < map.size(); ++i) {
      const Cell& value = map.value(i).cell();
      header_rooms_.emplace_back();
      headers_.push_back(
          {map.key(i), value.type() == Type::null ? std::nullopt : std::optional(text_of(value, header_rooms_.back()))});
    }
    record.headers = headers_;
  }
  const Cell* value = tuple.size() == 1 ? tuple.cells() : nullptr;
  if (!options_.value.empty() && !(value = field(tuple, options_.value, value_place_, why))) return false;
  if (value) {
    if (value->type() != Type::null) record.value = text_of(*value, value_room_);
    return true;
  }
  worker::append_json_values(value_room_, tuple);
  record.value = value_room_;
  return true;
}

void KafkaSink::execute(const Tuple& input, Output& out) {
  Record record;
  std::string why;
  value_room_.clear();
  if (!read_record(input, record, why)) {
    ++failed_;
    tell(why);
    return options_.acked ? out.fail(input, why) : out.fail(why);
  }
  // The clock is not looked at for each record.
  if (open_++ == 0) health_.waits(heard_at_ = context_->now());
  const std::uint64_t tag = options_.acked ? keep(input) : next_++;
  if (!window_.is_timing()) window_.sent(tag, context_->now());
  record.about = ProducerHub::about(*deliveries_, tag);
  batch_.add(record);
  if (hand_over_at_ == 0) call_at(context_->now());  // behind what comes in this round
  update_pause();
}

/// The tag of its record.
std::uint64_t KafkaSink::keep(const Tuple& input) {
  if (free_.empty()) {
    free_.push_back(under_way_.size());
    under_way_.emplace_back();
  }
  const std::uint64_t tag = free_.back();
  free_.pop_back();
  if (free_.size() > kPlacesAhead) prefetch_to_write(&under_way_[free_[free_.size() - kPlacesAhead]]);
  under_way_[tag].share = host_->take(input);
  under_way_[tag].open = true;
  return tag;
}

void KafkaSink::call_at(Nanoseconds at) {
  hand_over_at_ = at;
  context_->start_timer(std::chrono::nanoseconds(at - context_->now()));
}

// Not within `execute`: a verdict may come at once.
void KafkaSink::hand_over() {
  hand_over_at_ = 0;
  if (batch_.empty()) return;
  std::vector<Outcome> refused;
  batch_.taken(hub_->produce(batch_.waiting(), *deliveries_, refused));
  for (const Outcome& outcome : refused) settle_failed(outcome);
  // Room comes with outcomes, which wake this task if they are its own; others write by the same producer, too.
  if (!batch_.empty()) call_at(context_->now() + kLookForRoom);
}

void KafkaSink::settle_all() {
  const Outcomes outcomes = deliveries_->take();
  const std::vector<std::uint64_t>& delivered = outcomes.delivered;
  if (!delivered.empty()) health_.delivered(heard_at_);
  for (std::size_t i = 0; i < delivered.size(); ++i) {
    if (options_.acked && i + kPlacesAhead < delivered.size()) prefetch_to_write(&under_way_[delivered[i + kPlacesAhead]]);
    settle_delivered(delivered[i]);
  }
  for (const Outcome& outcome : outcomes.failed) settle_failed(outcome);
}

void KafkaSink::settle_delivered(std::uint64_t tag) {
  --open_;
  ++delivered_;
  window_.delivered(tag, heard_at_);
  if (options_.acked) give_verdict(tag, false, {});
}

void KafkaSink::settle_failed(const Outcome& outcome) {
  --open_;
  ++failed_;
  window_.failed(outcome.tag);
  last_failure_ = outcome.failure;
  health_.failed(outcome.failure, outcome.refused, context_->now());
  const std::string what = with_advice(outcome.failure);
  tell(fmt::format("{}; {}", what,
                   options_.acked ? "its tuple fails, and its spout decides" : "dropped, since nothing is guaranteed"));
  if (options_.acked) give_verdict(outcome.tag, true, std::string(outcome.refused ? kRefusedReason : kSinkReason) + what);
}

void KafkaSink::tell(std::string_view what) {
  const Nanoseconds now = context_->now();
  if (told_at_ != 0 && now - told_at_ <= kTellAgain) return;
  told_at_ = now;
  context_->log(Level::error, fmt::format("Kafka: {}", what));
}

void KafkaSink::give_verdict(std::uint64_t tag, bool failed, std::string_view reason) {
  UnderWay& record = under_way_[tag];
  if (!std::exchange(record.open, false)) return;
  host_->settle(record.share, failed, reason);
  free_.push_back(tag);
}

void KafkaSink::ready(int, std::uint32_t, Output&) {
  deliveries_->wake.clear();
  heard_at_ = context_->now();
  settle_all();
  hand_over();
  update_pause();
  update_end();
}

void KafkaSink::update_pause() {
  host_->pause(open_ >= window_.size() || batch_.size() >= kBatch || batch_.bytes() >= kBatchBytes);
}

void KafkaSink::update_end() {
  if (finishing_) host_->hold_end(open_ > 0);
}

void KafkaSink::timer(Output&) {
  const Nanoseconds now = context_->now();
  if (hand_over_at_ != 0 && now >= hand_over_at_) {
    hand_over();
    update_pause();
    update_end();
  }
  if (now < publish_at_) return;
  publish();
  publish_at_ = now + kPublish;
  context_->start_timer(std::chrono::nanoseconds(kPublish));
}

void KafkaSink::finish(Output&) {
  finishing_ = true;
  update_end();
}

void KafkaSink::publish() {
  const Nanoseconds now = context_->now();
  if (health_.asks(open_, now)) hub_->look();
  const std::string trouble = hub_->trouble(options_.topic), brokers = hub_->brokers();
  if (const auto news = health_.news(open_, trouble, brokers, now))
    context_->log(news->empty() ? Level::info : Level::warn, "Kafka: " + (news->empty() ? "all is well again" : *news));
  const std::string state = health_.state(open_, trouble, brokers, now);
  figures_->put(context_->component(), context_->task(),
                Value::Map{{"task", static_cast<std::int64_t>(context_->task())},
                           {"state", state},
                           {"waits_outside", state != "well"},
                           {"delivered", static_cast<std::int64_t>(delivered_)},
                           {"failed", static_cast<std::int64_t>(failed_)},
                           {"under_way", static_cast<std::int64_t>(open_)},
                           {"last_failure", last_failure_}});
}

void KafkaSink::close() {
  if (!deliveries_) return;
  host_->unwatch(deliveries_->wake.get());
  hand_over();
  if (open_ > 0) hub_->flush(kFlushFor);
  settle_all();
  if (open_ > 0) context_->log(Level::error, "Kafka: not delivered before the end: " + counted(open_, "record"));
  for (std::uint64_t tag = 0; tag < under_way_.size(); ++tag)
    give_verdict(tag, true, std::string(kSinkReason) + "not delivered before the end");
  health_.ends();
  publish();
  hub_->leave(deliveries_);
  hub_.reset();
}

}  // namespace sparse::kafka
