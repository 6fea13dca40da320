#include "sparse-cli/kafka/group_source.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "core/topology/values.h"

namespace sparse::cli {
namespace {

std::string plain(const Value* value) {
  if (!value) return {};
  if (const auto* text = value->as<std::string>()) return *text;
  if (const auto* number = value->as<std::int64_t>()) return std::to_string(*number);
  if (const auto* real = value->as<double>()) return fmt::format("{}", *real);
  if (const auto* flag = value->as<bool>()) return *flag ? "true" : "false";
  return {};
}

std::vector<std::string> list_of(const Value* value) {
  const auto* list = value ? value->as<Value::List>() : nullptr;
  std::vector<std::string> words;
  if (list)
    for (const Value& item : *list) words.push_back(plain(&item));
  else if (const std::string word = plain(value); !word.empty())
    words.push_back(word);
  return words;
}

Result<GroupSource> read_spout(const topology::Topology& topology, const topology::Component& spout,
                               const KafkaOffsetsArguments& arguments) {
  Value options = spout.options;
  if (auto error = topology::resolve_secrets(options)) return *error;
  GroupSource source{.brokers = plain(options.find("brokers")), .group = plain(options.find("group"))};
  if (!arguments.connection.brokers.empty()) source.brokers = arguments.connection.brokers;
  if (source.brokers == "embedded")
    return Error{fmt::format(
        "spout \"{}\" has its broker in the process of \"sparse run\": say with -b which address that prints", spout.id)};
  if (!arguments.group.empty()) source.group = arguments.group;
  if (source.group.empty()) source.group = topology.name;
  source.topics = list_of(options.find("topics"));
  if (source.topics.empty()) source.topics = list_of(options.find("topic"));
  source.pattern = plain(options.find("pattern"));
  source.start = plain(options.find("start"));
  const Value* properties = options.find("properties");
  if (const auto* map = properties ? properties->as<Value::Map>() : nullptr)
    for (const auto& [name, value] : *map)
      if (!name.starts_with("x-")) source.properties[name] = plain(&value);
  return source;
}

}  // namespace

Result<std::vector<GroupSource>> sources_of(const topology::Topology& topology, const KafkaOffsetsArguments& arguments) {
  std::vector<GroupSource> sources;
  for (const topology::Component& spout : topology.components) {
    if (!spout.is_spout || spout.runs.kind != topology::Implementation::Kind::builtin || spout.runs.name != "kafka") continue;
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
