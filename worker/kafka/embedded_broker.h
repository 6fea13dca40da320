// A Kafka broker inside this process: librdkafka's mock cluster. In memory, on the loopback interface, for demos and tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "worker/kafka/handle.h"

struct rd_kafka_mock_cluster_s;

namespace sparse::kafka {

/// Past this many bytes the mock would drop a partition's oldest records (at 5 MiB). Writers have to refuse before.
inline constexpr std::uint64_t kEmbeddedPartitionBytes = 4u << 20;

/// Requests that can be made to fail, by Kafka's numbers.
enum class Api : std::int16_t {
  produce = 0,
  fetch = 1,
  list_offsets = 2,
  metadata = 3,
  offset_commit = 8,
  offset_fetch = 9,
  find_coordinator = 10
};

/// Thread-safe.
class EmbeddedBroker {
 public:
  /// Topics that nobody has created get four partitions when they are first asked for.
  static Result<std::unique_ptr<EmbeddedBroker>> start(Report report, int brokers = 1);
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  /// HOST:PORT,… for any Kafka client on this machine.
  const std::string& address() const { return address_; }
  Result<bool> create_topic(const std::string& name, int partitions);

  // Faults, for tests.
  /// The next requests of this kind fail with these errors, by Kafka's numbers.
  void fail_next(Api api, const std::vector<int>& errors);
  void set_down(std::int32_t broker, bool down);  ///< brokers are numbered from 1
  void set_leader(const std::string& topic, std::int32_t partition, std::int32_t broker);
  void set_topic_error(const std::string& topic, int error);

 private:
  explicit EmbeddedBroker(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}

  std::unique_ptr<Handle> handle_;
  rd_kafka_mock_cluster_s* cluster_ = nullptr;
  std::string address_;
};

}  // namespace sparse::kafka
