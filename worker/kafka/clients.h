// The Kafka clients of a worker: one for each distinct set of properties, shared by its tasks; and the embedded broker.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "worker/kafka/consumer_hub.h"
#include "worker/kafka/embedded_broker.h"
#include "worker/kafka/embedded_watch.h"
#include "worker/kafka/options.h"
#include "worker/kafka/producer_hub.h"

namespace sparse::kafka {

/// Thread-safe. Clients live as long as somebody uses them, the embedded broker as long as this.
class Clients {
 public:
  explicit Clients(std::uint64_t run);

  Result<std::shared_ptr<ConsumerHub>> consumer(const SpoutOptions& options, std::string_view topology, const Report& report);
  Result<std::shared_ptr<ProducerHub>> producer(const Connection& connection, const Report& report);
  /// What librdkafka refuses when the clients of a component are made, if anything; nothing is connected to. An error says by
  /// `about` which option it means, and shows no secret. Without a verdict if one of the component's secrets is not there.
  std::optional<Error> check(const topology::Component& component);
  /// Starts it if nobody has; says so once.
  Result<std::string> embedded_address(const Report& report);

 private:
  void on_loss(const EmbeddedWatch::Loss& loss);
  using Tried = std::pair<Handle::Kind, Properties>;
  std::optional<Error> try_client(Handle::Kind kind, Properties properties);
  Result<Properties> complete(const Connection& connection, const Report& report);

  const std::uint64_t run_;
  std::mutex mutex_;
  std::unique_ptr<EmbeddedBroker> broker_;
  std::shared_ptr<SharedQuota> quota_;
  std::map<Tried, std::optional<Error>> tried_;
  std::map<Properties, std::weak_ptr<ConsumerHub>> consumers_;
  std::map<Properties, std::weak_ptr<ProducerHub>> producers_;
  std::unique_ptr<EmbeddedWatch> watch_;  ///< goes before the broker does
};

}  // namespace sparse::kafka
