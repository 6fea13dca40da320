// Writes records, and says of each whether the brokers have it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "worker/kafka/consumer.h"
#include "worker/kafka/handle.h"
#include "worker/kafka/partitioner.h"

namespace sparse::kafka {

struct Record {
  std::string_view topic;
  std::int32_t partition = -1;  ///< -1: by the key
  std::optional<std::string_view> key = {};
  std::optional<std::string_view> value = {};
  std::span<const Header> headers = {};
  std::optional<std::int64_t> timestamp = {};  ///< milliseconds since 1970; absent: now
  void* about = nullptr;                       ///< its delivery has it, too
};

/// What became of a record.
struct Delivery {
  void* about = nullptr;        ///< what the record had
  std::string_view topic = {};  ///< until the call returns
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::size_t size = 0;                         ///< of key and value
  const rd_kafka_message_s* message = nullptr;  ///< until the call returns
  bool begins_batch = false;                    ///< its batch went to the brokers as one, and this is the first record of it
  std::optional<Failure> failure = {};
};

/// What the headers of a record add to it.
std::size_t header_bytes(const Delivery& delivery);
std::size_t header_bytes(const Record& record);

/// Thread-safe but for `poll`.
class Producer {
 public:
  /// Idempotent, with acks from all replicas, unless the properties say otherwise.
  static Result<std::unique_ptr<Producer>> create(Properties properties, Report report);
  ~Producer();

  /// Hands a record over; key and value are copied. `kQueueFull`: wait for deliveries, then try again. Does not block.
  Failure produce(const Record& record);
  /// The same for many: those of one partition keep their order. For each run of them that has no headers and one
  /// topic, librdkafka looks at its clock and locks the topic once. Those that are refused are told by their place. Not for a
  /// producer whose queue can be full: the others would overtake those that find no room.
  using Refused = std::function<void(std::size_t place, const Failure& failure)>;
  void produce_all(std::span<const Record> records, const Refused& refused);
  /// Serves the client, at most this long, and gives the deliveries that came: many at a time. `memory` gets what holds the
  /// memory of their records, which costs least where it is given back by the thread that has produced them.
  bool poll(std::chrono::milliseconds at_most, const std::function<void(const Delivery&)>& delivered,
            std::shared_ptr<void>* memory = nullptr);
  void interrupt() { handle_->interrupt(); }
  /// Records without a delivery.
  std::size_t waiting() const;
  /// Gives up what waits: its deliveries come, as failed.
  void purge();
  bool broken() const { return handle_->broken(); }
  Result<std::vector<TopicInfo>> topics(const std::vector<std::string>& names, std::chrono::milliseconds at_most) {
    return handle_->topics(names, at_most);
  }
  /// Of the topics that were written to.
  Result<std::vector<TopicInfo>> own_topics(std::chrono::milliseconds at_most) { return handle_->own_topics(at_most); }
  /// Why no broker could be reached, since one has answered. By the thread that polls.
  const std::string& last_error() const { return handle_->last_error(); }

 private:
  using Topics = std::map<std::string, rd_kafka_topic_s*, std::less<>>;
  Producer(std::unique_ptr<Handle> handle, const Partitioner* partitioner, std::string brokers)
      : handle_(std::move(handle)), partitioner_(partitioner), brokers_(std::move(brokers)) {}
  rd_kafka_topic_s* topic(std::string_view name);
  std::int32_t partition_of(const Record& record, Partitioner::Seen seen) const;
  void produce_one(std::span<const Record> records, std::size_t place, const Refused& refused);
  void produce_plain(std::span<const Record> records, std::size_t first, std::size_t count, const Refused& refused);

  std::shared_ptr<Handle> handle_;  ///< goes after the memory of the last record
  const Partitioner* const partitioner_;
  const std::string brokers_;  ///< for people
  std::mutex topics_mutex_;
  Topics topics_;                                         ///< none goes before the producer does
  std::atomic<const Topics::value_type*> last_{nullptr};  ///< most records go where the one before went
};

}  // namespace sparse::kafka
