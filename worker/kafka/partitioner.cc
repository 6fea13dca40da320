// The partitioners that librdkafka exports.
#include "worker/kafka/partitioner.h"

#include <librdkafka/rdkafka.h>

#include "core/base/clock.h"
#include "core/base/random.h"

namespace sparse::kafka {
namespace {

constexpr const char* kStickiness = "sticky.partitioning.linger.ms";
constexpr Nanoseconds kStick = 10 * kMillisecond;  // as librdkafka's default

/// The same for all records without a key for a while, so that they share requests.
std::int32_t keyless(const rd_kafka_topic_s* topic, std::int32_t partitions, void* a, void* b) {
  const auto turn = static_cast<std::uint64_t>(SystemClock().now() / kStick);
  Random chance(turn ^ reinterpret_cast<std::uintptr_t>(topic));
  const auto partition = static_cast<std::int32_t>(chance.below(static_cast<std::uint64_t>(partitions)));
  if (rd_kafka_topic_partition_available(topic, partition) != 0) return partition;
  return rd_kafka_msg_partitioner_random(topic, nullptr, 0, partitions, a, b);
}

}  // namespace

thread_local Partitioner::Seen Partitioner::seen_;

template <Partitioner::Choice kRandomWithoutKey>
std::int32_t Partitioner::note(const rd_kafka_topic_s* topic, const void* key, std::size_t size, std::int32_t partitions, void* a,
                               void* b) {
  seen_ = {partitions, keyless(topic, partitions, a, b)};
  return key ? kRandomWithoutKey(topic, key, size, partitions, a, b) : seen_.keyless;
}

const Partitioner* Partitioner::of(const Properties& properties) {
  static constexpr Partitioner kAll[] = {
      {"consistent_random", rd_kafka_msg_partitioner_consistent, note<rd_kafka_msg_partitioner_consistent_random>},
      {"murmur2_random", rd_kafka_msg_partitioner_murmur2, note<rd_kafka_msg_partitioner_murmur2_random>},
      {"fnv1a_random", rd_kafka_msg_partitioner_fnv1a, note<rd_kafka_msg_partitioner_fnv1a_random>},
  };
  if (properties.contains(kStickiness)) return nullptr;
  const auto named = properties.find("partitioner");
  const std::string_view wanted = named == properties.end() ? kAll[0].name_ : std::string_view(named->second);
  for (const Partitioner& each : kAll)
    if (each.name_ == wanted) return &each;
  return nullptr;
}

// librdkafka's own stickiness looks at the clock for each record, and tells nobody where it puts them.
void Partitioner::set_up(Properties& properties) { properties.try_emplace(kStickiness, "0"); }

void Partitioner::watch(rd_kafka_topic_conf_s& topic) const { rd_kafka_topic_conf_set_partitioner_cb(&topic, watched_); }

std::int32_t Partitioner::choose(const std::optional<std::string_view>& key, Seen seen) const {
  if (seen.partitions == 0) return -1;
  if (!key) return seen.keyless;
  return key->empty() ? -1 : by_key_(nullptr, key->data(), key->size(), seen.partitions, nullptr, nullptr);
}

}  // namespace sparse::kafka
