// Puts records where librdkafka's own partitioner would put them, many at a time.
#pragma once

#include <cstdint>
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
  /// By the property `partitioner`; null where records have to be left to librdkafka: where its choice is no function of the key.
  static const Partitioner* of(const Properties& properties);

  /// For topics that are made with this configuration, the thread's latest choice by librdkafka tells `partitions`.
  void watch(rd_kafka_topic_conf_s& topic) const;
  /// How many partitions the topic had of which librdkafka has chosen one on this thread, since `forget`; 0: it has not.
  static std::int32_t partitions() { return partitions_; }
  static void forget() { partitions_ = 0; }

  /// The partition of a record with this key, which is not empty.
  std::int32_t choose(std::string_view key, std::int32_t partitions) const;

 private:
  using Choice = std::int32_t (*)(const rd_kafka_topic_s*, const void*, std::size_t, std::int32_t, void*, void*);
  constexpr Partitioner(std::string_view name, Choice by_key, Choice watched) : name_(name), by_key_(by_key), watched_(watched) {}
  template <Choice kRandomWithoutKey>
  static std::int32_t note(const rd_kafka_topic_s* topic, const void* key, std::size_t size, std::int32_t partitions, void* a,
                           void* b);

  static thread_local std::int32_t partitions_;
  std::string_view name_;
  Choice by_key_, watched_;
};

}  // namespace sparse::kafka
