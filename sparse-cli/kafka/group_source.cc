#include "sparse-cli/kafka/group_source.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "core/topology/kafka_groups.h"
#include "worker/kafka/options.h"

namespace sparse::cli {
namespace {

Result<GroupSource> read_spout(const topology::Topology& topology, const topology::Component& spout,
                               const KafkaOffsetsArguments& arguments) {
  auto options = kafka::read_spout_options(spout, topology.name, true);
  if (!options) return Error{fmt::format("spout \"{}\": {}", spout.id, options.error().message)};
  const std::string& brokers = arguments.connection.brokers;
  if (options->connection.embedded && brokers.empty())
    return Error{fmt::format(
        "spout \"{}\" has its broker in the process of \"sparse run\": say with -b which address that prints", spout.id)};
  kafka::Properties& properties = options->connection.properties;
  GroupSource source{.brokers = brokers.empty() ? properties["bootstrap.servers"] : brokers,
                     .group = arguments.group.empty() ? options->group : arguments.group,
                     .topics = std::move(options->topics),
                     .pattern = std::move(options->pattern),
                     .properties = std::move(properties)};
  if (options->start != kafka::Start::uncommitted_earliest && options->start != kafka::Start::uncommitted_latest)
    source.start = *spout.options.find("start")->as<std::string>();
  return source;
}

}  // namespace

Result<std::vector<GroupSource>> sources_of(const topology::Topology& topology, const KafkaOffsetsArguments& arguments) {
  std::vector<GroupSource> sources;
  for (const topology::Component& spout : topology.components) {
    if (!topology::is_kafka_spout(spout)) continue;
    auto source = read_spout(topology, spout, arguments);
    if (!source) return source.error();
    sources.push_back(std::move(*source));
  }
  if (sources.empty()) return Error{fmt::format("topology \"{}\" has no Kafka spout: it keeps no offsets", topology.name)};
  return sources;
}

Result<std::vector<GroupSource>> source_of(const KafkaOffsetsArguments& arguments) {
  if (arguments.group.empty() || arguments.topic.empty() || arguments.connection.brokers.empty())
    return Error{"without a topology file, -b BROKERS, -g GROUP and -t TOPIC are all needed"};
  return std::vector<GroupSource>{
      {.brokers = arguments.connection.brokers, .group = arguments.group, .topics = {arguments.topic}}};
}

std::vector<std::string> topics_of(const GroupSource& source, const std::vector<kafka::TopicInfo>& known) {
  if (!source.topics.empty()) return source.topics;
  std::vector<std::string> topics;
  const std::regex pattern(source.pattern);
  for (const kafka::TopicInfo& each : known)
    if (!each.name.starts_with("__") && std::regex_match(each.name, pattern)) topics.push_back(each.name);
  return topics;
}

std::string topology_of(const std::string& metadata) {
  const nlohmann::json json = nlohmann::json::parse(metadata, nullptr, false);
  if (!json.is_object() || !json.contains("topologyId") || !json["topologyId"].is_string()) return {};
  return json["topologyId"].get<std::string>();
}

}  // namespace sparse::cli
