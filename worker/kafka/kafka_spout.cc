// What a step of the spout does: news, replays, new messages, and positions by time.
#include "worker/kafka/kafka_spout.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <stdexcept>

#include "worker/kafka/advice.h"

namespace sparse::kafka {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::uint32_t kStepsBetweenLooks = 64;
constexpr std::size_t kWaitingMax = 10'000, kFailedBytesMax = 64 << 20;  // failed messages: more would only grow
constexpr Nanoseconds kNudgeAfter = 20 * kMillisecond, kNudgeAfterMost = kSecond;
constexpr std::chrono::milliseconds kLookAround{200};
constexpr Nanoseconds kCloseFor = 5 * kSecond;

}  // namespace

KafkaSpout::KafkaSpout(std::shared_ptr<Clients> clients, std::shared_ptr<worker::FigureBoard> figures)
    : clients_(std::move(clients)), figures_(std::move(figures)) {}

// After `close`, or if `open` has thrown.
KafkaSpout::~KafkaSpout() {
  if (dead_letters_ && deliveries_) dead_letters_->leave(deliveries_);
  if (hub_ && member_) hub_->leave(member_, 0);
}

void KafkaSpout::open(Context& context) {
  context_ = &context;
  auto options = read_spout_options(host_->component(), context.topology(), true);
  if (!options) throw std::runtime_error(options.error().message);
  options_ = std::move(*options);
  cells_.emplace(options_);
  tracked_ = options_.guarantee == Guarantee::at_least_once &&
             topology::config_integer(host_->topology(), &host_->component(), "topology.acker.executors", 1) != 0;
  RetryRule rule{.limit = options_.dead_letter.empty() ? -1 : 16};
  if (const auto& given = host_->component().retry) {
    rule.delay_min = given->delay_min_ms * kMillisecond;
    rule.delay_max = std::min<Nanoseconds>(given->delay_max_ms * kMillisecond, 60 * kSecond);
    if (!options_.dead_letter.empty()) rule.limit = given->limit;
  }
  retries_ = RetryPlan(rule);
  const Report report = [&context](Level level, std::string_view text) { context.log(level, text); };
  Connection connection = options_.connection;
  if (!options_.dead_letter.empty()) {  // the properties are for both clients
    keep_those_of(Handle::Kind::consumer, options_.connection.properties);
    keep_those_of(Handle::Kind::producer, connection.properties);
  }
  auto hub = clients_->consumer(options_, context.topology(), report);
  if (!hub) throw std::runtime_error(hub.error().message);
  if (!options_.dead_letter.empty()) {
    // What could be read must not be too large to be written: the broker decides.
    connection.properties.try_emplace("message.max.bytes", "1000000000");
    // A topic that is missing is told of soon, and found soon when it is there.
    connection.properties.try_emplace("topic.metadata.propagation.max.ms", "10000");
    connection.properties.try_emplace("topic.metadata.refresh.interval.ms", "5000");
    auto producer = clients_->producer(connection, report);
    if (!producer) throw std::runtime_error(producer.error().message);
    dead_letters_ = std::move(*producer);
    deliveries_ = dead_letters_->join(report);
    if (!deliveries_) throw std::runtime_error("too many tasks share one Kafka producer");
    host_->watch(deliveries_->wake.get(), EPOLLIN);
  }
  hub_ = std::move(*hub);
  member_ = hub_->join(context.index(), context.parallelism(), context.task(), options_, report);
  host_->watch(member_->wake.get(), EPOLLIN);
  context.start_timer(kLookAround);
}

// `next` is not called while the bolts are slow, or the run drains.
void KafkaSpout::timer(Output&) {
  if (!stopped_) look_around();
  context_->start_timer(kLookAround);
}

void KafkaSpout::look_around() {
  take_news();
  if (deliveries_) take_deliveries();
  work_by_time(context_->now());
}

void KafkaSpout::ready(int, std::uint32_t, Output&) {
  member_->wake.clear();
  if (deliveries_) deliveries_->wake.clear();
  until_work_ = 0;
  host_->wake();
}

Next KafkaSpout::next(Output& out) {
  if (stopped_) return Next::exhausted;
  if (until_work_-- == 0) {
    until_work_ = kStepsBetweenLooks;
    look_around();
    if (stopped_) return Next::exhausted;
  }
  if (retries_.waiting() > 0)
    if (const auto id = retries_.take_due(context_->now())) {
      Owned& owned = *owned_by(*id);
      if (owned.tracker.is_open(sequence_of(*id)))
        emit_kept(owned, sequence_of(*id), out);
      else
        retries_.on_done(*id);  // its partition has begun anew
      return Next::emitted;
    }
  if (!degraded_ && retries_.waiting() + dying_.size() < kWaitingMax && failed_bytes_ < kFailedBytesMax)
    for (std::size_t i = 0; i < owned_.size(); ++i) {
      if (turn_ >= owned_.size()) turn_ = 0;
      Owned& owned = *owned_[turn_];
      const bool emitted = emit_next(owned, out);
      // What one partition has in its buffer goes before the next partition's.
      if (!emitted || owned.at >= owned.buffered) ++turn_;
      if (emitted) return Next::emitted;
    }
  until_work_ = 0;  // there is time
  if (options_.until_end && retries_.empty() && dying_.empty() && member_->is_complete() && !member_->has_news() && is_at_end())
    return Next::exhausted;
  const Nanoseconds now = context_->now();
  if (const auto due = retries_.next_due(); due && *due - now < 64 * kMillisecond)
    out.wake_after(std::max<Nanoseconds>(*due - now, 0));
  return Next::idle;
}

bool KafkaSpout::fill(Owned& owned) {
  if (owned.at < owned.buffered) return true;
  if (owned.lost || !owned.reader) return false;
  owned.buffer.resize(kBatch);
  owned.at = 0;
  owned.buffered = owned.reader->take(owned.buffer);
  if (owned.buffered > 0) {
    if (const Message& last = owned.buffer[owned.buffered - 1]; !last.failed()) owned.written_at = last.timestamp();
    owned.nudge_after = kNudgeAfter;
    return true;
  }
  nudge_if_stalled(owned);
  return false;
}

void KafkaSpout::nudge_if_stalled(Owned& owned) {
  if (owned.reader->watermarks().high <= owned.tracker.next()) return;
  const Nanoseconds now = context_->now();
  if (now < owned.nudge_at) return;
  // Nothing may ever come: the last offsets may be a transaction's marks.
  owned.nudge_at = now + owned.nudge_after;
  owned.nudge_after = std::clamp(owned.nudge_after * 2, kNudgeAfter, kNudgeAfterMost);
  hub_->nudge(owned.topic, owned.partition);
}

bool KafkaSpout::may_emit(const Owned& owned, std::int64_t offset) {
  switch (options_.guarantee) {
    case Guarantee::at_least_once: return !is_full(owned);
    case Guarantee::at_most_once: return offset < owned.committed;
    case Guarantee::none: break;
  }
  return true;
}

bool KafkaSpout::emit_next(Owned& owned, Output& out) {
  while (fill(owned)) {
    Message& message = owned.buffer[owned.at];
    if (message.failed()) {
      ++owned.at;
      on_failed_message(owned, message);
      continue;
    }
    const std::int64_t offset = message.offset();
    if (options_.until_end && owned.end >= 0 && offset >= owned.end) return false;
    if (!may_emit(owned, offset)) {
      if (options_.guarantee == Guarantee::at_most_once && owned.asked <= offset) {
        owned.asked = owned.buffer[owned.buffered - 1].offset() + 1;
        hub_->commit(*member_, {{.topic = owned.topic, .partition = owned.partition, .offset = owned.asked}});
      }
      // Only a commit makes room: it does not wait for its time, unless there is one under way.
      if (is_full(owned) && owned.asked <= owned.committed && owned.tracker.committable() > owned.asked)
        commit(context_->now(), false);
      return false;
    }
    owned.told = false;
    ++owned.at;
    if (options_.nulls == Nulls::skip && !message.value()) {
      owned.tracker.passed(offset + 1);
      continue;
    }
    if (!tracked_) {
      emit_message(owned, message, std::nullopt, out);
      owned.tracker.passed(offset + 1);
      message = Message();
      return true;
    }
    const std::uint64_t sequence = owned.tracker.emitted(offset);
    owned.kept.push_back(std::move(message));
    emit_kept(owned, sequence, out);
    return true;
  }
  return false;
}

void KafkaSpout::on_failed_message(Owned& owned, const Message& message) {
  const Failure failure = message.failure();
  // What a transaction leaves behind its last message has offsets, and is never seen.
  if (failure.code == kPartitionEnd) return owned.tracker.passed(message.offset());
  const std::string place = fmt::format("topic {}, partition {}", owned.topic, owned.partition);
  if (failure.code == kOffsetOutOfRange) {
    context_->log(Level::error, fmt::format("Kafka: {}: the offset {} is not there: {}; looking for the nearest one that is",
                                            place, owned.tracker.next(), failure.text));
    owned.lost = true;
    owned.reader.reset();
    hub_->restart(*member_, owned.topic, owned.partition, owned.tracker.next());
  } else if (!owned.told) {
    owned.told = true;
    context_->log(Level::error, with_advice(fmt::format("Kafka: {} cannot be read: {}; sparse keeps trying", place, failure.text),
                                            failure.text));
  }
}

void KafkaSpout::emit_kept(Owned& owned, std::uint64_t sequence, Output& out) {
  emit_message(owned, owned.kept[sequence - owned.tracker.base()], id_of(owned, sequence), out);
}

void KafkaSpout::emit_message(Owned& owned, const Message& message, std::optional<MessageId> id, Output& out) {
  const auto wrong = [&](std::string_view why) {
    ++decoded_wrong_;
    const std::string reason =
        fmt::format("the message at topic {}, partition {}, offset {}: {}", owned.topic, owned.partition, message.offset(), why);
    if (id) return fail(*id, reason);
    context_->log(Level::error, "Kafka: dropped, since nothing is guaranteed: " + reason);
  };
  if (!message.value() && options_.nulls == Nulls::fail) return wrong("its value is null");
  if (cells_->is_plain() && message.value() && id) {
    const std::string_view value = *message.value();
    if (options_.format == Format::bytes) return out.emit(*id, Bytes{value});
    if (is_utf8(value)) return out.emit(*id, value);
  }
  if (const auto read = cells_->read(message, owned.topic, owned.partition); !read) return wrong(read.error().message);
  out.emit_cells(Emit{.id = id}, cells_->cells(), cells_->count());
}

void KafkaSpout::ack(MessageId id) {
  Owned* owned = owned_by(id.value);
  if (!owned) return;
  retries_.on_done(id.value);
  if (dead_letters_) gate_.done(context_->now());
  release(*owned, sequence_of(id.value));
}

void KafkaSpout::release(Owned& owned, std::uint64_t sequence) {
  if (!owned.tracker.is_open(sequence)) return;
  Message& message = owned.kept[sequence - owned.tracker.base()];
  if (message.is_copy()) failed_bytes_ -= message.size();
  // It pins what was fetched with it.
  message = Message();
  std::size_t released = 0;
  owned.tracker.done(sequence, released);
  for (; released > 0; --released) owned.kept.pop_front();
}

void KafkaSpout::fail(MessageId id, std::string_view reason) {
  Owned* owned = owned_by(id.value);
  if (!owned || !owned->tracker.is_open(sequence_of(id.value))) return retries_.on_done(id.value);
  if (Message& message = owned->kept[sequence_of(id.value) - owned->tracker.base()]; !message.is_copy()) {
    message.copy();  // it stays for long, and would pin all that was fetched with it
    failed_bytes_ += message.size();
  }
  if (retries_.on_failure(id.value, kind_of(reason), context_->now(), reason)) return;
  give_up(*owned, sequence_of(id.value), reason);
}

void KafkaSpout::close() {
  if (!member_) return;
  host_->unwatch(member_->wake.get());
  if (deliveries_) {
    host_->unwatch(deliveries_->wake.get());
    if (!dying_.empty()) dead_letters_->flush(std::chrono::seconds(5));
    take_deliveries();
    dead_letters_->leave(deliveries_);
    dead_letters_.reset();
  }
  take_news();
  commit(context_->now(), true);
  if (!hub_->leave(member_, kCloseFor))
    context_->log(Level::warn, "Kafka: the last offsets could not be committed within 5 s: some messages will be read again");
  take_commits(true);
  // What was promised to be done at least once, and is not, or is not noted in the group.
  if (options_.guarantee == Guarantee::at_least_once)
    for (const auto& owned : owned_) left_undone_ += owned->tracker.uncommitted();
  publish(context_->now());
  // Messages go before the queues that they came from, and these before their client.
  owned_.clear();
  hub_.reset();
}

}  // namespace sparse::kafka
