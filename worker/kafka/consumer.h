// Reads partitions that the caller chooses: no group membership, no rebalance. Offsets are kept in the group all the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

#include "worker/kafka/handle.h"

struct rd_kafka_message_s;
struct rd_kafka_topic_s;

namespace sparse::kafka {

/// Logical offsets, as librdkafka numbers them.
inline constexpr std::int64_t kBeginning = -2;
inline constexpr std::int64_t kEnd = -1;
inline constexpr std::int64_t kNoOffset = -1001;

struct PartitionOffset {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = kNoOffset;
  std::string metadata = {};  ///< what was committed with it
  Failure failure = {};
};

struct Watermarks {
  std::int64_t low = kNoOffset;   ///< the first offset that is still there
  std::int64_t high = kNoOffset;  ///< the one that the next message will get
};

struct Header {
  std::string_view name;
  std::optional<std::string_view> value;  ///< absent: null
};

/// One record where librdkafka has put it, or an error of the partition. Must not outlive its Consumer and the readers of that.
class Message {
 public:
  Message();
  explicit Message(rd_kafka_message_s* message);
  ~Message();
  Message(Message&& other) noexcept;
  Message& operator=(Message&& other) noexcept;
  Message(const Message&) = delete;

  explicit operator bool() const { return message_ || copy_; }
  /// A message with a failure is none, and has an offset at most.
  bool failed() const { return code_ != kNoError; }
  Failure failure() const;
  std::int64_t offset() const { return offset_; }
  std::optional<std::string_view> key() const { return key_ ? std::optional(std::string_view(key_, key_size_)) : std::nullopt; }
  std::optional<std::string_view> value() const {
    return value_ ? std::optional(std::string_view(value_, value_size_)) : std::nullopt;
  }
  std::size_t size() const { return key_size_ + value_size_; }
  std::int64_t timestamp() const;  ///< milliseconds since 1970; -1: it has none
  std::vector<Header> headers() const;
  /// Takes all parts to memory of its own: then nothing pins what was fetched together with it.
  void copy();
  bool is_copy() const { return copy_ != nullptr; }

 private:
  struct Copy;
  void clear();

  rd_kafka_message_s* message_ = nullptr;
  std::unique_ptr<Copy> copy_;
  std::int64_t offset_ = kNoOffset;
  const char* key_ = nullptr;
  const char* value_ = nullptr;
  std::size_t key_size_ = 0, value_size_ = 0;
  int code_ = kNoError;
};

class Consumer;

/// What is fetched of one partition, in a queue of its own. Thread-compatible; ends the fetching when destroyed, which may block
/// for a moment.
class PartitionReader {
 public:
  ~PartitionReader();
  PartitionReader(const PartitionReader&) = delete;
  PartitionReader& operator=(const PartitionReader&) = delete;

  /// At most so many that are there now; how many. Does not block.
  std::size_t take(std::span<Message> messages);
  /// As far as they are known from fetching. Does not block.
  Watermarks watermarks() const;
  const std::string& topic() const { return topic_; }
  std::int32_t partition() const { return partition_; }

 private:
  friend class Consumer;
  PartitionReader(std::shared_ptr<Handle> handle, std::string topic, std::int32_t partition)
      : handle_(std::move(handle)), topic_(std::move(topic)), partition_(partition) {}

  std::shared_ptr<Handle> handle_;
  std::string topic_;
  std::int32_t partition_;
  rd_kafka_topic_s* handle_of_topic_ = nullptr;
  rd_kafka_queue_s* queue_ = nullptr;
  bool started_ = false;
};

/// Thread-safe but for `poll`. The calls that take a time block for that long at most.
class Consumer {
 public:
  /// `properties` need `bootstrap.servers`, and `group.id` for whoever commits. Nothing is committed by itself.
  static Result<std::unique_ptr<Consumer>> create(Properties properties, Report report);

  Result<std::vector<TopicInfo>> topics(const std::vector<std::string>& names, std::chrono::milliseconds at_most) {
    return handle_->topics(names, at_most);
  }
  /// Why the brokers cannot be reached, as far as it is known.
  const std::string& last_error() const { return handle_->last_error(); }
  /// What the group has committed; kNoOffset where it has not.
  Result<std::vector<PartitionOffset>> committed(std::vector<PartitionOffset> partitions, std::chrono::milliseconds at_most);
  /// The first offset at or after a time (in `offset`, milliseconds since 1970); kEnd if there is none.
  Result<std::vector<PartitionOffset>> offsets_at(std::vector<PartitionOffset> times, std::chrono::milliseconds at_most);
  /// Whether it speaks to an embedded broker, which answers kEnd to every time.
  bool is_embedded(std::chrono::milliseconds at_most) const;
  Result<Watermarks> watermarks(const std::string& topic, std::int32_t partition, std::chrono::milliseconds at_most);
  /// Of all of them at once, in their order: behind a fetch that waits for messages, each question waits, too.
  Result<std::vector<Watermarks>> watermarks(const std::vector<PartitionOffset>& partitions, std::chrono::milliseconds at_most);

  /// Fetches from `offset` (or kBeginning, kEnd) on. `wake_fd`, if given, is written to when messages come to an empty queue.
  Result<std::unique_ptr<PartitionReader>> start(const std::string& topic, std::int32_t partition, std::int64_t offset,
                                                 int wake_fd);

  /// How many clients have joined the group by subscribing. Those that choose their partitions, as sparse's spouts do, do not
  /// join.
  Result<std::size_t> members(const std::string& group, std::chrono::milliseconds at_most);

  /// Starts a commit; its outcome comes in `poll`. One at a time.
  Result<bool> commit(const std::vector<PartitionOffset>& offsets);
  /// Serves the client, at most this long; the outcome of a commit, if it came.
  std::optional<std::vector<PartitionOffset>> poll(std::chrono::milliseconds at_most);
  void interrupt() { handle_->interrupt(); }

 private:
  explicit Consumer(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<Handle> handle_;
};

}  // namespace sparse::kafka
