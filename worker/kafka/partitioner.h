// Puts records where librdkafka's own partitioner would put them, many at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "worker/kafka/handle.h"

struct rd_kafka_topic_s;
struct rd_kafka_topic_conf_s;

namespace sparse::kafka {

/// librdkafka chooses a partition for each record apart: with a look at its clock, and with locks and references of the partition
/// for each record. What is chosen before it is called, it takes by the run. How many partitions a topic has it tells only to
/// partitioners: so there is one that notes it, and then asks librdkafka's.
class Partitioner {
 public:
  /// By the property `partitioner`; null where records have to be left to librdkafka: where its choice is no function of the key,
  /// or where `sticky.partitioning.linger.ms` says how records without one are put together.
  static const Partitioner* of(const Properties& properties);
  /// For a producer that has one.
  static void set_up(Properties& properties);

  /// What librdkafka was told when it asked for a partition.
  struct Seen {
    std::int32_t partitions = 0;  ///< of the topic; 0: it has not asked
    std::int32_t keyless = 0;     ///< where records without a key go now
  };
  /// For topics that are made with this configuration, the thread's latest choice for librdkafka tells `seen`.
  void watch(rd_kafka_topic_conf_s& topic) const;
  /// Of the topic of which a partition was chosen on this thread, since `forget`.
  static Seen seen() { return seen_; }
  static void forget() { seen_ = {}; }

  /// The partition of a record; -1 where it has to be left to librdkafka: nothing was seen, or the key is empty.
  std::int32_t choose(const std::optional<std::string_view>& key, Seen seen) const;

 private:
  using Choice = std::int32_t (*)(const rd_kafka_topic_s*, const void*, std::size_t, std::int32_t, void*, void*);
  constexpr Partitioner(std::string_view name, Choice by_key, Choice watched) : name_(name), by_key_(by_key), watched_(watched) {}
  template <Choice kRandomWithoutKey>
  static std::int32_t note(const rd_kafka_topic_s* topic, const void* key, std::size_t size, std::int32_t partitions, void* a,
                           void* b);

  static thread_local Seen seen_;
  std::string_view name_;
  Choice by_key_, watched_;
};

}  // namespace sparse::kafka
