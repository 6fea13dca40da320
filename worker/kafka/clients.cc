// Who asks for the same properties gets the same client.
#include "worker/kafka/clients.h"

#include <fmt/format.h>

#include "core/config/secrets.h"
#include "core/topology/values.h"

namespace sparse::kafka {
namespace {

constexpr std::size_t kTriedMost = 50;  // a client takes threads and time: whatever a file contains, the checks end soon

/// Puts stars for the values of secrets.
std::string without_secrets(std::string text, const Value& given, const Value& resolved) {
  const Value* properties = given.find("properties");
  const auto* map = properties ? properties->as<Value::Map>() : nullptr;
  if (!map) return text;
  for (const auto& [name, value] : *map) {
    if (!topology::is_secret(value)) continue;
    const auto* secret = resolved.find("properties")->find(name)->as<std::string>();
    if (!secret || secret->empty()) continue;
    for (std::size_t at = 0; (at = text.find(*secret, at)) != text.npos; at += kHidden.size())
      text.replace(at, secret->size(), kHidden);
  }
  return text;
}

}  // namespace

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

std::optional<Error> Clients::check(const topology::Component& component) {
  topology::Component resolved = component;
  if (topology::resolve_secrets(resolved.options)) return std::nullopt;  // told elsewhere
  std::optional<Error> wrong;
  if (component.is_spout) {
    auto options = read_spout_options(resolved, "group", false);
    if (!options) {
      wrong = options.error();
    } else if (options->dead_letter.empty()) {
      wrong = try_client(Handle::Kind::consumer, std::move(options->connection.properties));
    } else {
      for (const auto kind : {Handle::Kind::consumer, Handle::Kind::producer}) {
        Properties its = options->connection.properties;
        keep_those_of(kind, its);
        if (!wrong) wrong = try_client(kind, std::move(its));
      }
    }
  } else {
    auto options = read_sink_options(resolved, 0, false);
    wrong =
        options ? try_client(Handle::Kind::producer, std::move(options->connection.properties)) : std::optional(options.error());
  }
  if (wrong) wrong->message = without_secrets(wrong->message, component.options, resolved.options);
  return wrong;
}

std::optional<Error> Clients::try_client(Handle::Kind kind, Properties properties) {
  properties.erase("bootstrap.servers");                      // it connects to nobody,
  properties["sasl.kerberos.min.time.before.relogin"] = "0";  // and runs no program
  Tried tried{kind, std::move(properties)};
  const std::lock_guard lock(mutex_);
  if (const auto found = tried_.find(tried); found != tried_.end()) return found->second;
  if (tried_.size() >= kTriedMost) return std::nullopt;
  std::optional<Error> wrong;
  if (kind == Handle::Kind::consumer) {
    if (const auto made = Consumer::create(tried.second, {}); !made) wrong = made.error();
  } else {
    if (const auto made = Producer::create(tried.second, {}); !made) wrong = made.error();
  }
  if (wrong && wrong->about.empty()) {
    const std::string meant = property_meant(wrong->message, tried.second);
    wrong->about = meant.empty() ? "properties" : "properties." + meant;
    // librdkafka does not say which file it cannot read.
    if (meant.ends_with(".location")) wrong->message += fmt::format(": it is \"{}\"", tried.second.at(meant));
  }
  tried_[std::move(tried)] = wrong;
  return wrong;
}

Result<std::shared_ptr<ConsumerHub>> Clients::consumer(const SpoutOptions& options, std::string_view topology,
                                                       const Report& report) {
  auto properties = complete(options.connection, report);
  if (!properties) return properties.error();
  const std::lock_guard lock(mutex_);
  if (auto found = consumers_[*properties].lock()) return found;
  auto made = ConsumerHub::create(*properties, options.prefetch, fmt::format("{}-{}", topology, run_));
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
