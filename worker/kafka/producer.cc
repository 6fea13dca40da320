// librdkafka's producer.
#include "worker/kafka/producer.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>

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

std::string place(std::string_view topic, std::int32_t partition) {
  return partition < 0 ? fmt::format("topic {}", topic) : fmt::format("topic {}, partition {}", topic, partition);
}

constexpr std::size_t kAtOnce = 128;

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

Delivery delivery_of(const rd_kafka_message_t& message, std::string_view topic) {
  Delivery delivery{.about = message._private, .topic = topic, .partition = message.partition, .offset = message.offset};
  delivery.size = message.len + message.key_len;
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    delivery.failure = failure_of(message.err, "not delivered to " + place(delivery.topic, delivery.partition));
  return delivery;
}

}  // namespace

Result<std::unique_ptr<Producer>> Producer::create(Properties properties, Report report) {
  properties.try_emplace("enable.idempotence", "true");
  auto handle = Handle::create(Handle::Kind::producer, properties, std::move(report));
  if (!handle) return handle.error();
  return std::unique_ptr<Producer>(new Producer(std::move(*handle)));
}

Producer::~Producer() {
  for (const auto& [name, topic] : topics_) rd_kafka_topic_destroy(topic);
}

rd_kafka_topic_s* Producer::topic(std::string_view name) {
  if (const auto* last = last_.load(std::memory_order_acquire); last && last->first == name) return last->second;
  const std::lock_guard lock(topics_mutex_);
  auto found = topics_.find(name);
  if (found == topics_.end()) {
    rd_kafka_topic_t* made = rd_kafka_topic_new(handle_->get(), std::string(name).c_str(), nullptr);
    if (!made) return nullptr;
    found = topics_.emplace(name, made).first;
  }
  last_.store(&*found, std::memory_order_release);
  return found->second;
}

Failure Producer::produce(const Record& record) {
  rd_kafka_topic_t* to = topic(record.topic);
  if (!to) return failure_of(rd_kafka_last_error(), "cannot write to " + place(record.topic, -1));
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
  return failure_of(error, "cannot write to " + place(record.topic, record.partition));
}

void Producer::produce_all(std::span<const Record> records, const Refused& refused) {
  for (std::size_t first = 0, count = 0; first < records.size(); first += count) {
    const Record& record = records[first];
    count = 1;
    if (!is_plain(record)) {
      if (const Failure failure = produce(record); failure.code != kNoError) refused(first, failure);
      continue;
    }
    while (count < kAtOnce && first + count < records.size() && is_plain(records[first + count]) &&
           records[first + count].topic == record.topic)
      ++count;
    produce_plain(records.subspan(first, count), first, refused);
  }
}

/// At most `kAtOnce`, all to one topic.
void Producer::produce_plain(std::span<const Record> records, std::size_t first, const Refused& refused) {
  std::array<rd_kafka_message_t, kAtOnce> messages;
  rd_kafka_topic_t* const to = topic(records[0].topic);
  const auto made = static_cast<rd_kafka_resp_err_t>(to ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error());
  for (std::size_t i = 0; i < records.size(); ++i)
    messages[i] = {.err = made,
                   .rkt = nullptr,
                   .partition = records[i].partition,
                   .payload = bytes(records[i].value),
                   .len = size(records[i].value),
                   .key = bytes(records[i].key),
                   .key_len = size(records[i].key),
                   .offset = 0,
                   ._private = records[i].about};
  const auto count = static_cast<int>(records.size());
  if (to && rd_kafka_produce_batch(to, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION, messages.data(),
                                   count) == count)
    return;
  for (std::size_t i = 0; i < records.size(); ++i)
    if (messages[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
      refused(first + i, failure_of(messages[i].err, "cannot write to " + place(records[i].topic, records[i].partition)));
}

bool Producer::poll(std::chrono::milliseconds at_most, const std::function<void(const Delivery&)>& delivered,
                    std::shared_ptr<void>* memory) {
  return handle_->poll_owned(at_most, [&](const std::shared_ptr<rd_kafka_event_t>& event) {
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) return;
    TopicNames names;
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get()))
      delivered(delivery_of(*message, names.of(*message)));
    if (memory) *memory = std::make_shared<Memory>(handle_, event);
  });
}

std::size_t Producer::waiting() const { return static_cast<std::size_t>(rd_kafka_outq_len(handle_->get())); }

void Producer::purge() { rd_kafka_purge(handle_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT); }

}  // namespace sparse::kafka
