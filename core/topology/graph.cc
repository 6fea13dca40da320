#include "core/topology/graph.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "core/config/secrets.h"
#include "core/topology/values.h"

namespace sparse::topology {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Value& value);

struct ToJson {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(bool value) const { return value; }
  Json operator()(std::int64_t value) const { return value; }
  Json operator()(double value) const { return value; }
  Json operator()(const std::string& value) const { return value; }
  Json operator()(const Value::Binary& value) const { return fmt::format("{} bytes", value.data.size()); }
  Json operator()(const Value::List& list) const {
    Json items = Json::array();
    for (const Value& item : list) items.push_back(json_of(item));
    return items;
  }
  // Straight into the underlying vector: keys are unique, and a look-up for each would cost the square of their number.
  Json operator()(const Value::Map& map) const {
    Json object = Json::object();
    auto& pairs = object.get_ref<Json::object_t&>();
    for (const auto& [key, item] : map)
      pairs.Container::emplace_back(key, is_secret_name(key) && !item.as<Value::Map>() ? Json(kHidden) : json_of(item));
    return object;
  }
};

Json json_of(const Value& value) { return std::visit(ToJson{}, value.any()); }

bool is_empty(const Value& value) {
  const auto* map = value.as<Value::Map>();
  return value.is_null() || (map && map->empty());
}

Json implementation_json(const Implementation& runs) {
  switch (runs.kind) {
    case Implementation::Kind::plugin: return {{"kind", "plugin"}, {"file", runs.file}, {"name", runs.name}};
    case Implementation::Kind::python: return {{"kind", "python"}, {"name", runs.name}};
    case Implementation::Kind::command: return {{"kind", "command"}, {"argv", runs.argv}};
    case Implementation::Kind::builtin: break;
  }
  return {{"kind", "builtin"}, {"name", runs.name}};
}

Json input_json(const Input& input) {
  Json json = {{"component", input.component}, {"stream", input.stream}, {"grouping", grouping_name(input.grouping.kind)}};
  if (!input.grouping.fields.empty()) json["fields"] = input.grouping.fields;
  if (input.grouping.kind == GroupingKind::custom) {
    json["custom"] = implementation_json(input.grouping.custom);
    json["with"] = json_of(input.grouping.arguments);
  }
  return json;
}

Json component_json(const Component& component) {
  Json json = {{"id", component.id},
               {"type", component.is_spout ? "spout" : "bolt"},
               {"runs", implementation_json(component.runs)},
               {"parallelism", component.parallelism}};
  if (!is_empty(component.options)) json["with"] = json_of(component.options);
  if (!is_empty(component.config)) json["config"] = json_of(component.config);
  for (const auto& [name, value] : component.env) json["env"][name] = is_secret_name(name) ? std::string(kHidden) : value;
  if (!component.cwd.empty()) json["cwd"] = component.cwd;
  if (component.blocking) json["blocking"] = true;
  if (component.pinned) json["pinned"] = true;
  if (component.manual_ack) json["manual-ack"] = true;
  if (component.retry)
    json["retry"] = {{"limit", component.retry->limit < 0 ? Json("forever") : Json(component.retry->limit)},
                     {"delay-min-ms", component.retry->delay_min_ms},
                     {"delay-max-ms", component.retry->delay_max_ms}};
  if (!component.dead_letter.empty()) json["dead-letter"] = component.dead_letter;
  json["outputs"] = Json::array();
  for (const Stream& stream : component.outputs)
    json["outputs"].push_back({{"stream", stream.name}, {"fields", stream.fields}, {"direct", stream.direct}});
  json["inputs"] = Json::array();
  for (const Input& input : component.inputs) json["inputs"].push_back(input_json(input));
  return json;
}

std::string edge_label(const Input& input) {
  std::string label = input.stream == "default" ? "" : input.stream + ": ";
  label += grouping_name(input.grouping.kind);
  for (std::size_t i = 0; i < input.grouping.fields.size(); ++i) label += (i == 0 ? " " : ", ") + input.grouping.fields[i];
  return label;
}

std::string node_label(const Component& component) {
  return component.parallelism == 1 ? component.id : fmt::format("{} x{}", component.id, component.parallelism);
}

std::string escaped(std::string_view text, std::string_view quote) {
  std::string result;
  for (const char c : text) {
    if (c == '"')
      result += quote;
    else if (c == '\\' && quote.front() == '\\')
      result += "\\\\";
    else
      result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result;
}

/// Short names of nodes: the ids of components may be words of the graph language.
std::unordered_map<std::string_view, std::string> node_names(const Topology& topology) {
  std::unordered_map<std::string_view, std::string> names;
  for (std::size_t i = 0; i < topology.components.size(); ++i) names.emplace(topology.components[i].id, fmt::format("n{}", i));
  return names;
}

bool has_ticks(const Topology& topology) {
  for (const Component& component : topology.components)
    for (const Input& input : component.inputs)
      if (input.component == "__system") return true;
  return false;
}

template <class Edge>
void for_each_edge(const Topology& topology, Edge edge) {
  auto names = node_names(topology);
  names.emplace("__system", "system");
  for (const Component& component : topology.components) {
    for (const Input& input : component.inputs)
      if (const auto from = names.find(input.component); from != names.end())
        edge(from->second, names.at(component.id), edge_label(input), false);
    if (const auto target = names.find(component.dead_letter); target != names.end())
      edge(names.at(component.id), target->second, "dead-letter", true);
  }
}

}  // namespace

std::string to_json(const Topology& topology, bool indented) {
  Json json = {
      {"name", topology.name}, {"file", topology.file}, {"config", json_of(topology.config)}, {"components", Json::array()}};
  for (const Component& component : topology.components) json["components"].push_back(component_json(component));
  return json.dump(indented ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

std::string to_mermaid(const Topology& topology) {
  std::string out = "flowchart LR\n";
  for (std::size_t i = 0; i < topology.components.size(); ++i) {
    const Component& component = topology.components[i];
    const std::string label = escaped(node_label(component), "#quot;");
    out += component.is_spout ? fmt::format("  n{}([\"{}\"])\n", i, label) : fmt::format("  n{}[\"{}\"]\n", i, label);
  }
  if (has_ticks(topology)) out += "  system{{\"__system\"}}\n";
  for_each_edge(topology, [&](const std::string& from, const std::string& to, const std::string& label, bool dashed) {
    out += fmt::format("  {} {}|\"{}\"| {}\n", from, dashed ? "-.->" : "-->", escaped(label, "#quot;"), to);
  });
  return out;
}

std::string to_dot(const Topology& topology) {
  std::string out = fmt::format("digraph \"{}\" {{\n  rankdir=LR;\n  node [shape=box];\n", escaped(topology.name, "\\\""));
  for (std::size_t i = 0; i < topology.components.size(); ++i) {
    const Component& component = topology.components[i];
    out += fmt::format("  n{} [label=\"{}\"{}];\n", i, escaped(node_label(component), "\\\""),
                       component.is_spout ? ", shape=ellipse" : "");
  }
  if (has_ticks(topology)) out += "  system [label=\"__system\", shape=diamond];\n";
  for_each_edge(topology, [&](const std::string& from, const std::string& to, const std::string& label, bool dashed) {
    out += fmt::format("  {} -> {} [label=\"{}\"{}];\n", from, to, escaped(label, "\\\""), dashed ? ", style=dashed" : "");
  });
  return out + "}\n";
}

}  // namespace sparse::topology
