// The partitioners that librdkafka exports.
#include "worker/kafka/partitioner.h"

#include <librdkafka/rdkafka.h>

namespace sparse::kafka {

thread_local std::int32_t Partitioner::partitions_ = 0;

template <Partitioner::Choice kRandomWithoutKey>
std::int32_t Partitioner::note(const rd_kafka_topic_s* topic, const void* key, std::size_t size, std::int32_t partitions, void* a,
                               void* b) {
  partitions_ = partitions;
  return kRandomWithoutKey(topic, key, size, partitions, a, b);
}

const Partitioner* Partitioner::of(const Properties& properties) {
  static constexpr Partitioner kAll[] = {
      {"consistent_random", rd_kafka_msg_partitioner_consistent, note<rd_kafka_msg_partitioner_consistent_random>},
      {"murmur2_random", rd_kafka_msg_partitioner_murmur2, note<rd_kafka_msg_partitioner_murmur2_random>},
      {"fnv1a_random", rd_kafka_msg_partitioner_fnv1a, note<rd_kafka_msg_partitioner_fnv1a_random>},
  };
  const auto named = properties.find("partitioner");
  const std::string_view wanted = named == properties.end() ? kAll[0].name_ : std::string_view(named->second);
  for (const Partitioner& each : kAll)
    if (each.name_ == wanted) return &each;
  return nullptr;
}

void Partitioner::watch(rd_kafka_topic_conf_s& topic) const { rd_kafka_topic_conf_set_partitioner_cb(&topic, watched_); }

std::int32_t Partitioner::choose(std::string_view key, std::int32_t partitions) const {
  return by_key_(nullptr, key.data(), key.size(), partitions, nullptr, nullptr);
}

}  // namespace sparse::kafka
