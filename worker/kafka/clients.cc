// Who asks for the same properties gets the same client.
#include "worker/kafka/clients.h"

#include <fmt/format.h>

namespace sparse::kafka {

Clients::Clients(std::uint64_t run) : run_(run) {}

Result<std::string> Clients::embedded_address(const Report& report) {
  const std::lock_guard lock(mutex_);
  if (!broker_) {
    auto started = EmbeddedBroker::start({});
    if (!started) return started.error();
    broker_ = std::move(*started);
    quota_ = std::make_shared<SharedQuota>(kEmbeddedPartitionBytes);
    auto watch = EmbeddedWatch::start(
        broker_->address(), "Write less to it, or use a real Kafka (`brokers: HOST:PORT`; `deploy/kafka start` brings one up)",
        [this](const EmbeddedWatch::Loss& loss) { on_loss(loss); });
    if (!watch) return watch.error();
    watch_ = std::move(*watch);
    if (report)
      report(Level::info,
             fmt::format("the embedded Kafka broker listens at {}: other programs on this machine may join. It is in "
                         "memory and for demos: nothing outlives this run, and a partition holds {} MiB",
                         broker_->address(), kEmbeddedPartitionBytes >> 20));
  }
  return broker_->address();
}

/// Others have written too much: what the sinks of this run write there would only drop more.
void Clients::on_loss(const EmbeddedWatch::Loss& loss) {
  {
    const std::lock_guard lock(quota_->mutex);
    quota_->quota.overflowed(loss.topic);
  }
  std::shared_ptr<ConsumerHub> consumer;
  std::shared_ptr<ProducerHub> producer;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [properties, hub] : consumers_)
      if (auto alive = hub.lock(); alive && !consumer) consumer = std::move(alive);
    for (const auto& [properties, hub] : producers_)
      if (auto alive = hub.lock(); alive && !producer) producer = std::move(alive);
  }
  const std::string text = fmt::format("Kafka: {}", loss.text);
  if (consumer)
    consumer->report(Level::error, text);
  else if (producer)
    producer->report(Level::error, text);
}

Result<Properties> Clients::complete(const Connection& connection, const Report& report) {
  Properties properties = connection.properties;
  if (!connection.embedded) return properties;
  const auto address = embedded_address(report);
  if (!address) return address.error();
  properties["bootstrap.servers"] = *address;
  return properties;
}

Result<std::shared_ptr<ConsumerHub>> Clients::consumer(const SpoutOptions& options, std::string_view topology,
                                                       const Report& report) {
  auto properties = complete(options.connection, report);
  if (!properties) return properties.error();
  const std::lock_guard lock(mutex_);
  if (auto found = consumers_[*properties].lock()) return found;
  auto made =
      ConsumerHub::create(*properties, options.prefetch, {.topology_id = fmt::format("{}-{}", topology, run_), .attempt = 1});
  if (made) consumers_[*properties] = *made;
  return made;
}

Result<std::shared_ptr<ProducerHub>> Clients::producer(const Connection& connection, const Report& report) {
  auto properties = complete(connection, report);
  if (!properties) return properties.error();
  // Little is under way at once, since all of it might go to one partition.
  if (connection.embedded) properties->insert_or_assign("queue.buffering.max.kbytes", "512");
  const std::lock_guard lock(mutex_);
  if (auto found = producers_[*properties].lock()) return found;
  auto made = ProducerHub::create(*properties, connection.embedded ? quota_ : nullptr);
  if (made) producers_[*properties] = *made;
  return made;
}

}  // namespace sparse::kafka
