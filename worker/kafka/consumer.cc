// librdkafka's consumer, partition by partition.
#include "worker/kafka/consumer.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sparse::kafka {
namespace {

using List = std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&rd_kafka_topic_partition_list_destroy)>;

List list_of(const std::vector<PartitionOffset>& offsets) {
  List list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())), &rd_kafka_topic_partition_list_destroy);
  for (const PartitionOffset& each : offsets) {
    rd_kafka_topic_partition_t* added = rd_kafka_topic_partition_list_add(list.get(), each.topic.c_str(), each.partition);
    added->offset = each.offset;
    if (each.metadata.empty()) continue;
    added->metadata = ::strdup(each.metadata.c_str());  // the list frees it
    added->metadata_size = each.metadata.size();
  }
  return list;
}

std::string described(rd_kafka_resp_err_t error) {
  return fmt::format("{} ({})", rd_kafka_err2str(error), rd_kafka_err2name(error));
}

std::vector<PartitionOffset> offsets_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<PartitionOffset> offsets;
  for (int i = 0; i < list.cnt; ++i) {
    const rd_kafka_topic_partition_t& each = list.elems[i];
    PartitionOffset offset{.topic = each.topic, .partition = each.partition, .offset = each.offset};
    if (each.metadata) offset.metadata.assign(static_cast<const char*>(each.metadata), each.metadata_size);
    if (each.err != RD_KAFKA_RESP_ERR_NO_ERROR) offset.failure = {.code = each.err, .text = described(each.err)};
    offsets.push_back(std::move(offset));
  }
  return offsets;
}

Error failed(std::string_view what, rd_kafka_resp_err_t error) { return Error{fmt::format("{}: {}", what, described(error))}; }

}  // namespace

struct Message::Copy {
  std::string key, value;
  std::int64_t timestamp = -1;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

Message::Message() = default;
Message::~Message() { clear(); }
Message::Message(Message&& other) noexcept { *this = std::move(other); }

Message::Message(rd_kafka_message_s* message) : message_(message), offset_(message->offset), code_(message->err) {
  if (code_ != kNoError) return;  // the payload is a text then
  key_ = static_cast<const char*>(message->key);
  key_size_ = message->key_len;
  value_ = static_cast<const char*>(message->payload);
  value_size_ = message->len;
}

Message& Message::operator=(Message&& other) noexcept {
  if (this == &other) return *this;
  clear();
  message_ = std::exchange(other.message_, nullptr);
  copy_ = std::move(other.copy_);
  offset_ = other.offset_;
  key_ = other.key_;
  value_ = other.value_;
  key_size_ = other.key_size_;
  value_size_ = other.value_size_;
  code_ = other.code_;
  return *this;
}

void Message::clear() {
  if (message_) rd_kafka_message_destroy(std::exchange(message_, nullptr));
  copy_.reset();
}

void Message::copy() {
  if (copy_ || !message_ || failed()) return;
  auto made = std::make_unique<Copy>();
  if (key_) made->key.assign(key_, key_size_);
  if (value_) made->value.assign(value_, value_size_);
  made->timestamp = timestamp();
  for (const Header& each : headers()) made->headers.emplace_back(each.name, each.value);
  rd_kafka_message_destroy(std::exchange(message_, nullptr));
  copy_ = std::move(made);
  if (key_) key_ = copy_->key.data();
  if (value_) value_ = copy_->value.data();
}

Failure Message::failure() const {
  Failure failure{.code = code_};
  if (code_ == kNoError) return failure;
  failure.text = fmt::format("{} ({})", rd_kafka_message_errstr(message_), rd_kafka_err2name(message_->err));
  failure.transient = code_ != RD_KAFKA_RESP_ERR__FATAL;
  failure.fatal = !failure.transient;
  if (code_ == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) failure.code = kOffsetOutOfRange;
  if (code_ == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code_ == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) failure.code = kUnknownTopic;
  return failure;
}

std::int64_t Message::timestamp() const {
  if (copy_) return copy_->timestamp;
  rd_kafka_timestamp_type_t type{};
  const std::int64_t at = rd_kafka_message_timestamp(message_, &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : at;
}

std::vector<Header> Message::headers() const {
  std::vector<Header> headers;
  if (copy_) {
    for (const auto& [name, value] : copy_->headers) headers.push_back({name, value});
    return headers;
  }
  rd_kafka_headers_t* list = nullptr;
  if (rd_kafka_message_headers(message_, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    headers.push_back({name, value ? std::optional(std::string_view(static_cast<const char*>(value), size)) : std::nullopt});
  return headers;
}

PartitionReader::~PartitionReader() {
  if (queue_) rd_kafka_queue_io_event_enable(queue_, -1, nullptr, 0);
  if (started_) rd_kafka_consume_stop(handle_of_topic_, partition_);
  if (queue_) rd_kafka_queue_destroy(queue_);
  if (handle_of_topic_) rd_kafka_topic_destroy(handle_of_topic_);
}

std::size_t PartitionReader::take(std::span<Message> messages) {
  std::array<rd_kafka_message_t*, 256> taken;
  const ssize_t count = rd_kafka_consume_batch_queue(queue_, 0, taken.data(), std::min(taken.size(), messages.size()));
  for (ssize_t i = 0; i < count; ++i) messages[static_cast<std::size_t>(i)] = Message(taken[static_cast<std::size_t>(i)]);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

Watermarks PartitionReader::watermarks() const {
  Watermarks marks;
  rd_kafka_get_watermark_offsets(handle_->get(), topic_.c_str(), partition_, &marks.low, &marks.high);
  return marks;
}

Result<std::unique_ptr<Consumer>> Consumer::create(Properties properties, Report report) {
  properties["enable.auto.commit"] = "false";
  properties["auto.commit.enable"] = "false";  // the same, of partitions that are read one by one
  properties["enable.auto.offset.store"] = "false";
  properties["auto.offset.reset"] = "error";  // whoever reads decides, and says so
  auto handle = Handle::create(Handle::Kind::consumer, properties, std::move(report));
  if (!handle) return handle.error();
  return std::unique_ptr<Consumer>(new Consumer(std::move(*handle)));
}

Result<std::vector<PartitionOffset>> Consumer::committed(std::vector<PartitionOffset> partitions,
                                                         std::chrono::milliseconds at_most) {
  for (PartitionOffset& each : partitions) each.offset = kNoOffset;
  const List list = list_of(partitions);
  const auto error = rd_kafka_committed(handle_->get(), list.get(), static_cast<int>(at_most.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return failed("the committed offsets cannot be read", error);
  return offsets_of(*list);
}

Result<std::vector<PartitionOffset>> Consumer::offsets_at(std::vector<PartitionOffset> times, std::chrono::milliseconds at_most) {
  const List list = list_of(times);
  const auto error = rd_kafka_offsets_for_times(handle_->get(), list.get(), static_cast<int>(at_most.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return failed("the offsets of a time cannot be read", error);
  return offsets_of(*list);
}

bool Consumer::is_embedded(std::chrono::milliseconds at_most) const {
  // Nothing but the name that librdkafka gives to its mock clusters tells.
  char* const cluster = rd_kafka_clusterid(handle_->get(), static_cast<int>(at_most.count()));
  if (!cluster) return false;
  const bool embedded = std::string_view(cluster).starts_with("mockCluster");
  rd_kafka_mem_free(handle_->get(), cluster);
  return embedded;
}

Result<Watermarks> Consumer::watermarks(const std::string& topic, std::int32_t partition, std::chrono::milliseconds at_most) {
  Watermarks marks;
  const auto error = rd_kafka_query_watermark_offsets(handle_->get(), topic.c_str(), partition, &marks.low, &marks.high,
                                                      static_cast<int>(at_most.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return failed(fmt::format("the first and last offset of topic {}, partition {} cannot be read", topic, partition), error);
  return marks;
}

Result<std::vector<Watermarks>> Consumer::watermarks(const std::vector<PartitionOffset>& partitions,
                                                     std::chrono::milliseconds at_most) {
  std::vector<Watermarks> found(partitions.size());
  // To a broker these two are times like others.
  for (const std::int64_t time : {kBeginning, kEnd}) {
    std::vector<PartitionOffset> asked = partitions;
    for (PartitionOffset& each : asked) each.offset = time;
    const auto answer = offsets_at(std::move(asked), at_most);
    if (!answer) return Error{"the first and last offsets cannot be read: " + answer.error().message};
    for (std::size_t i = 0; i < answer->size(); ++i) {
      const PartitionOffset& each = (*answer)[i];
      if (each.failure.code != kNoError)
        return Error{fmt::format("the first and last offset of topic {}, partition {} cannot be read: {}", each.topic,
                                 each.partition, each.failure.text)};
      (time == kBeginning ? found[i].low : found[i].high) = each.offset;
    }
  }
  return found;
}

Result<std::unique_ptr<PartitionReader>> Consumer::start(const std::string& topic, std::int32_t partition, std::int64_t offset,
                                                         int wake_fd) {
  std::unique_ptr<PartitionReader> reader(new PartitionReader(handle_, topic, partition));
  reader->handle_of_topic_ = rd_kafka_topic_new(handle_->get(), topic.c_str(), nullptr);
  const std::string what = fmt::format("topic {}, partition {} cannot be read", topic, partition);
  if (!reader->handle_of_topic_) return failed(what, rd_kafka_last_error());
  reader->queue_ = rd_kafka_queue_new(handle_->get());
  constexpr std::uint64_t kOne = 1;
  if (wake_fd >= 0) rd_kafka_queue_io_event_enable(reader->queue_, wake_fd, &kOne, sizeof kOne);
  if (rd_kafka_consume_start_queue(reader->handle_of_topic_, partition, offset, reader->queue_) != 0)
    return failed(what, rd_kafka_last_error());
  reader->started_ = true;
  return reader;
}

Result<std::size_t> Consumer::members(const std::string& group, std::chrono::milliseconds at_most) {
  const rd_kafka_group_list* groups = nullptr;
  const auto error = rd_kafka_list_groups(handle_->get(), group.c_str(), &groups, static_cast<int>(at_most.count()));
  std::size_t count = 0;
  for (int i = 0; groups && i < groups->group_cnt; ++i)
    if (group == groups->groups[i].group) count += static_cast<std::size_t>(groups->groups[i].member_cnt);
  if (groups) rd_kafka_group_list_destroy(groups);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(fmt::format("the members of group {} cannot be read", group), error);
  return count;
}

Result<bool> Consumer::commit(const std::vector<PartitionOffset>& offsets) {
  const List list = list_of(offsets);
  const auto error = rd_kafka_commit_queue(handle_->get(), list.get(), handle_->queue(), nullptr, nullptr);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return failed("offsets cannot be committed", error);
  return true;
}

std::optional<std::vector<PartitionOffset>> Consumer::poll(std::chrono::milliseconds at_most) {
  std::optional<std::vector<PartitionOffset>> outcome;
  handle_->poll(at_most, [&](rd_kafka_event_t& event) {
    if (rd_kafka_event_type(&event) != RD_KAFKA_EVENT_OFFSET_COMMIT) return;
    const auto error = rd_kafka_event_error(&event);
    const rd_kafka_topic_partition_list_t* list = rd_kafka_event_topic_partition_list(&event);
    outcome = list ? offsets_of(*list) : std::vector<PartitionOffset>();
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      for (PartitionOffset& each : *outcome)
        if (each.failure.code == kNoError) each.failure = {.code = error, .text = described(error)};
  });
  return outcome;
}

}  // namespace sparse::kafka
