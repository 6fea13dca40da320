// The topology as a value: look-ups and the merging of configuration.
#include "core/topology/topology.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sparse::topology {
namespace {

// Storm lets a component override only these of Storm's own keys (Executor.normalizedComponentConf); keys that are not
// Storm's (not `topology.…` or `storm.…`) always pass.
constexpr std::array<std::string_view, 14> kOverridable = {
    "topology.debug",
    "topology.max.spout.pending",
    "topology.max.task.parallelism",
    "topology.transactional.id",
    "topology.tick.tuple.freq.secs",
    "topology.sleep.spout.wait.strategy.time.ms",
    "topology.spout.wait.strategy",
    "topology.subprocess.timeout.secs",
    "topology.shellbolt.max.pending",
    "topology.bolts.tuple.timestamp.max.lag.ms",
    "topology.bolts.message.id.field.name",
    "topology.bolts.late.tuple.stream",
    "topology.state.provider",
    "topology.state.provider.config",
};

const Value* config_value(const Topology& topology, const Component* component, std::string_view key) {
  if (component && may_override(key))
    if (const Value* own = component->config.find(key)) return own;
  return topology.config.find(key);
}

}  // namespace

bool may_override(std::string_view key) {
  if (key.starts_with("topology.bolts.window.")) return true;
  if (!key.starts_with("topology.") && !key.starts_with("storm.")) return true;
  return std::find(kOverridable.begin(), kOverridable.end(), key) != kOverridable.end();
}

std::int64_t config_integer(const Topology& topology, const Component* component, std::string_view key, std::int64_t fallback) {
  const Value* value = config_value(topology, component, key);
  if (!value) return fallback;
  if (const auto* integer = value->as<std::int64_t>()) return *integer;
  if (const auto* real = value->as<double>()) return static_cast<std::int64_t>(*real);
  return fallback;
}

bool config_boolean(const Topology& topology, const Component* component, std::string_view key, bool fallback) {
  const Value* value = config_value(topology, component, key);
  const bool* boolean = value ? value->as<bool>() : nullptr;
  return boolean ? *boolean : fallback;
}

bool runs_as_child(const Component& component) {
  if (component.runs.kind != Implementation::Kind::plugin) return component.runs.kind != Implementation::Kind::builtin;
  const Value* isolate = component.config.find(kIsolateKey);
  return isolate && *isolate == Value("process");
}

Value merged_config(const Topology& topology, const Component& component) {
  Value merged = topology.config;
  auto& pairs = *merged.as<Value::Map>();
  if (const auto* own = component.config.as<Value::Map>())
    for (const auto& [key, value] : *own) {
      if (!may_override(key)) continue;
      auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == key; });
      if (found == pairs.end())
        pairs.emplace_back(key, value);
      else
        found->second = value;
    }
  if (!merged.find("topology.name")) pairs.emplace_back("topology.name", Value(topology.name));
  return merged;
}

const Component* find_component(const Topology& topology, std::string_view id) {
  for (const Component& component : topology.components)
    if (component.id == id) return &component;
  return nullptr;
}

const Stream* find_stream(const Component& component, std::string_view name) {
  for (const Stream& stream : component.outputs)
    if (stream.name == name) return &stream;
  return nullptr;
}

std::string_view grouping_name(GroupingKind kind) {
  constexpr std::string_view names[] = {"shuffle", "fields",           "all",         "global", "none",
                                        "direct",  "local-or-shuffle", "partial-key", "custom"};
  return names[static_cast<unsigned>(kind)];
}

}  // namespace sparse::topology
