// librdkafka's producer.
#include "worker/kafka/producer.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <cstring>
#include <numeric>
#include <utility>

namespace sparse::kafka {
namespace {

bool is_refusal(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: return true;
    default: return false;
  }
}

Failure failure_of(rd_kafka_resp_err_t error, std::string_view what) {
  return {.code = error,
          .text = fmt::format("{}: {} ({})", what, rd_kafka_err2str(error), rd_kafka_err2name(error)),
          .fatal = error == RD_KAFKA_RESP_ERR__FATAL,
          .transient = error == RD_KAFKA_RESP_ERR__QUEUE_FULL,
          .refused = is_refusal(error)};
}

std::string place(std::string_view topic, std::int32_t partition, std::string_view brokers) {
  if (partition < 0) return fmt::format("topic {} at {}", topic, brokers);
  return fmt::format("topic {}, partition {} at {}", topic, partition, brokers);
}

std::string brokers_of(const Properties& properties) {
  const auto found = properties.find("bootstrap.servers");
  return found == properties.end() ? std::string("its brokers") : found->second;
}

constexpr std::size_t kAtOnce = 256;
constexpr std::size_t kGroups = 64;
constexpr std::size_t kHeaderOverhead = 8;  // its lengths, at most

/// Without what needs the slower call.
bool is_plain(const Record& record) { return record.headers.empty() && !record.timestamp; }

char* bytes(const std::optional<std::string_view>& text) {
  // An empty text is not null.
  return text ? (text->data() ? const_cast<char*>(text->data()) : const_cast<char*>("")) : nullptr;
}

std::size_t size(const std::optional<std::string_view>& text) { return text ? text->size() : 0; }

/// Records that were delivered; in the order in which they go.
struct Memory {
  Memory(std::shared_ptr<Handle> client_, std::shared_ptr<rd_kafka_event_t> event_)
      : client(std::move(client_)), event(std::move(event_)) {}
  const std::shared_ptr<Handle> client;
  const std::shared_ptr<rd_kafka_event_t> event;
};

/// The names of topics, as messages refer to them: most are of the topic of the one before.
class TopicNames {
 public:
  std::string_view of(const rd_kafka_message_t& message) {
    if (message.rkt == last_) return name_;
    last_ = message.rkt;
    name_ = last_ ? rd_kafka_topic_name(last_) : "";
    return name_;
  }

 private:
  const rd_kafka_topic_t* last_ = nullptr;
  std::string_view name_ = {};
};

Delivery delivery_of(const rd_kafka_message_t& message, std::string_view topic, std::string_view brokers) {
  Delivery delivery{.about = message._private, .topic = topic, .partition = message.partition, .offset = message.offset};
  delivery.size = message.len + message.key_len;
  delivery.message = &message;
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    delivery.failure = failure_of(message.err, "not delivered to " + place(delivery.topic, delivery.partition, brokers));
  return delivery;
}

}  // namespace

std::size_t header_bytes(const Delivery& delivery) {
  rd_kafka_headers_t* list = nullptr;
  if (!delivery.message || rd_kafka_message_headers(delivery.message, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t bytes = 0, size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    bytes += std::strlen(name) + size + kHeaderOverhead;
  return bytes;
}

std::size_t header_bytes(const Record& record) {
  std::size_t bytes = 0;
  for (const Header& each : record.headers) bytes += each.name.size() + size(each.value) + kHeaderOverhead;
  return bytes;
}

Result<std::unique_ptr<Producer>> Producer::create(Properties properties, Report report) {
  properties.try_emplace("enable.idempotence", "true");
  const Partitioner* const partitioner = Partitioner::of(properties);
  if (partitioner) Partitioner::set_up(properties);
  auto handle = Handle::create(Handle::Kind::producer, properties, std::move(report));
  if (!handle) return handle.error();
  return std::unique_ptr<Producer>(new Producer(std::move(*handle), partitioner, brokers_of(properties)));
}

Producer::~Producer() {
  for (const auto& [name, topic] : topics_) rd_kafka_topic_destroy(topic);
}

rd_kafka_topic_s* Producer::topic(std::string_view name) {
  if (const auto* last = last_.load(std::memory_order_acquire); last && last->first == name) return last->second;
  const std::lock_guard lock(topics_mutex_);
  auto found = topics_.find(name);
  if (found == topics_.end()) {
    rd_kafka_topic_conf_t* conf = partitioner_ ? rd_kafka_default_topic_conf_dup(handle_->get()) : nullptr;
    if (conf) partitioner_->watch(*conf);
    rd_kafka_topic_t* made = rd_kafka_topic_new(handle_->get(), std::string(name).c_str(), conf);
    if (!made && conf) rd_kafka_topic_conf_destroy(conf);
    if (!made) return nullptr;
    found = topics_.emplace(name, made).first;
  }
  last_.store(&*found, std::memory_order_release);
  return found->second;
}

Failure Producer::produce(const Record& record) {
  rd_kafka_topic_t* to = topic(record.topic);
  if (!to) return failure_of(rd_kafka_last_error(), "cannot write to " + place(record.topic, -1, brokers_));
  auto error = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (is_plain(record)) {
    const int done = rd_kafka_produce(to, record.partition, RD_KAFKA_MSG_F_COPY, bytes(record.value), size(record.value),
                                      bytes(record.key), size(record.key), record.about);
    if (done != 0) error = rd_kafka_last_error();
  } else {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
    for (const Header& each : record.headers)
      rd_kafka_header_add(headers, each.name.data(), static_cast<ssize_t>(each.name.size()), bytes(each.value),
                          static_cast<ssize_t>(size(each.value)));
    error = rd_kafka_producev(handle_->get(), RD_KAFKA_V_RKT(to), RD_KAFKA_V_PARTITION(record.partition),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(bytes(record.value), size(record.value)),
                              RD_KAFKA_V_KEY(bytes(record.key), size(record.key)), RD_KAFKA_V_OPAQUE(record.about),
                              RD_KAFKA_V_TIMESTAMP(record.timestamp.value_or(0)), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);  // else they are the record's
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return failure_of(error, "cannot write to " + place(record.topic, record.partition, brokers_));
}

void Producer::produce_all(std::span<const Record> records, const Refused& refused) {
  for (std::size_t first = 0; first < records.size();) {
    const Record& record = records[first];
    // Of each run the first record is left to librdkafka, which tells how many partitions the topic has now.
    Partitioner::forget();
    produce_one(records, first++, refused);
    if (!is_plain(record)) continue;
    std::size_t count = 0;
    while (count < kAtOnce && first + count < records.size() && is_plain(records[first + count]) &&
           records[first + count].topic == record.topic)
      ++count;
    if (count > 0) produce_plain(records, first, count, refused);
    first += count;
  }
}

void Producer::produce_one(std::span<const Record> records, std::size_t place, const Refused& refused) {
  if (const Failure failure = produce(records[place]); failure.code != kNoError) refused(place, failure);
}

std::int32_t Producer::partition_of(const Record& record, Partitioner::Seen seen) const {
  return record.partition >= 0 || !partitioner_ ? record.partition : partitioner_->choose(record.key, seen);
}

/// At most `kAtOnce`, all to one topic. One partition's records are put side by side: librdkafka looks partitions up by the run.
/// If it has to choose for one of them, it chooses for all, in their order: that one may go where others go, too.
void Producer::produce_plain(std::span<const Record> records, std::size_t first, std::size_t count, const Refused& refused) {
  rd_kafka_topic_t* const to = topic(records[first].topic);
  const auto made = static_cast<rd_kafka_resp_err_t>(to ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error());
  const Partitioner::Seen seen = Partitioner::seen();
  std::array<std::int32_t, kAtOnce> partitions;
  bool known = true;
  for (std::size_t i = 0; i < count; ++i) known &= (partitions[i] = partition_of(records[first + i], seen)) >= 0;
  const auto group = [&](std::size_t i) { return known ? static_cast<std::size_t>(partitions[i]) % kGroups : 0; };
  std::array<std::size_t, kGroups + 1> starts{};
  for (std::size_t i = 0; i < count; ++i) ++starts[group(i) + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  std::array<rd_kafka_message_t, kAtOnce> messages;
  std::array<std::size_t, kAtOnce> places;
  for (std::size_t i = 0; i < count; ++i) {
    const Record& record = records[first + i];
    const std::size_t at = starts[group(i)]++;
    places[at] = first + i;
    messages[at] = {.err = made,
                    .rkt = nullptr,
                    .partition = known ? partitions[i] : record.partition,
                    .payload = bytes(record.value),
                    .len = size(record.value),
                    .key = bytes(record.key),
                    .key_len = size(record.key),
                    .offset = 0,
                    ._private = record.about};
  }
  const auto all = static_cast<int>(count);
  if (to && rd_kafka_produce_batch(to, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION, messages.data(),
                                   all) == all)
    return;
  for (std::size_t at = 0; at < count; ++at) {
    const Record& record = records[places[at]];
    if (messages[at].err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (messages[at].err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION && record.partition < 0)  // the topic has fewer by now
      produce_one(records, places[at], refused);
    else
      refused(places[at], failure_of(messages[at].err, "cannot write to " + place(record.topic, record.partition, brokers_)));
  }
}

bool Producer::poll(std::chrono::milliseconds at_most, const std::function<void(const Delivery&)>& delivered,
                    std::shared_ptr<void>* memory) {
  return handle_->poll_owned(at_most, [&](const std::shared_ptr<rd_kafka_event_t>& event) {
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) return;
    TopicNames names;
    // Of a batch, in one event.
    bool first = true, failed = false;
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get())) {
      Delivery delivery = delivery_of(*message, names.of(*message), brokers_);
      delivery.begins_batch = std::exchange(first, false);
      failed |= delivery.failure.has_value();
      delivered(delivery);
    }
    if (!failed) handle_->forget_error();
    if (memory) *memory = std::make_shared<Memory>(handle_, event);
  });
}

std::size_t Producer::waiting() const { return static_cast<std::size_t>(rd_kafka_outq_len(handle_->get())); }

void Producer::purge() { rd_kafka_purge(handle_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT); }

}  // namespace sparse::kafka
