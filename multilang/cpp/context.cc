// The handshake: what a child is told of its topology, its configuration and itself.
#include "multilang/cpp/context.h"

#include "multilang/cpp/json_writer.h"
#include "multilang/cpp/message.h"

namespace sparse::multilang {
namespace {

using topology::Component;
using topology::GroupingKind;
using topology::GroupingSpec;

Value names(const std::vector<std::string>& texts) {
  Value::List list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

// The value under `key`, made as an empty map if there is none.
Value::Map& under(Value::Map& map, std::string_view key) {
  for (auto& [name, value] : map)
    if (name == key) return *value.as<Value::Map>();
  map.emplace_back(std::string(key), Value::Map{});
  return *map.back().second.as<Value::Map>();
}

void put(Value::Map& map, std::string_view key, Value value) {
  for (auto& [name, old] : map)
    if (name == key) {
      old = std::move(value);
      return;
    }
  map.emplace_back(std::string(key), std::move(value));
}

// Storm's names of its wire model, where `global` is a fields grouping without fields, and partial-key a class.
Value grouping(const GroupingSpec& spec) {
  const auto typed = [](std::string_view type) { return Value(Value::Map{{"type", Value(type)}}); };
  switch (spec.kind) {
    case GroupingKind::shuffle: return typed("SHUFFLE");
    case GroupingKind::fields: return Value::Map{{"type", Value("FIELDS")}, {"fields", names(spec.fields)}};
    case GroupingKind::global: return Value::Map{{"type", Value("FIELDS")}, {"fields", Value::List{}}};
    case GroupingKind::all: return typed("ALL");
    case GroupingKind::none: return typed("NONE");
    case GroupingKind::direct: return typed("DIRECT");
    case GroupingKind::local_or_shuffle: return typed("LOCAL_OR_SHUFFLE");
    case GroupingKind::partial_key: return typed("CUSTOM_OBJECT");
    case GroupingKind::custom: return typed("CUSTOM_OBJECT");
  }
  return typed("NONE");
}

Value targets_of(const topology::Topology& topology, const Component& source) {
  Value::Map streams;
  for (const auto& stream : source.outputs) under(streams, stream.name);
  for (const Component& target : topology.components)
    for (const auto& input : target.inputs)
      if (input.component == source.id) put(under(streams, input.stream), target.id, grouping(input.grouping));
  return streams;
}

Value fields_of_sources(const topology::Topology& topology, const Component& component) {
  Value::Map sources;
  for (const auto& input : component.inputs) {
    Value::Map& streams = under(sources, input.component);
    if (const Component* source = topology::find_component(topology, input.component)) {
      for (const auto& stream : source->outputs) put(streams, stream.name, names(stream.fields));
    } else {
      put(streams, input.stream, Value::List{Value("rate_secs")});  // the tick stream of `__system`
    }
  }
  return sources;
}

}  // namespace

Value shell_context(const Handshake& handshake) {
  const Component& component = handshake.component;
  Value::Map tasks;
  for (std::size_t task = 1; task < handshake.component_of_task.size(); ++task)
    tasks.emplace_back(std::to_string(task), Value(handshake.component_of_task[task]));
  Value::List streams;
  Value::Map output_fields;
  for (const auto& stream : component.outputs) {
    streams.emplace_back(stream.name);
    output_fields.emplace_back(stream.name, names(stream.fields));
  }
  Value::Map source_groupings;
  for (const auto& input : component.inputs)
    put(under(source_groupings, input.component), input.stream, grouping(input.grouping));
  return Value::Map{
      {"task->component", std::move(tasks)},
      {"taskid", Value(static_cast<std::int64_t>(handshake.task))},
      {"componentid", Value(component.id)},
      {"streams", std::move(streams)},
      {"stream->outputfields", std::move(output_fields)},
      {"stream->target->grouping", targets_of(handshake.topology, component)},
      {"source->stream->grouping", std::move(source_groupings)},
      {"source->stream->fields", fields_of_sources(handshake.topology, component)},
  };
}

Result<std::string> handshake_json(const Handshake& handshake) {
  Value conf = topology::merged_config(handshake.topology, handshake.component);
  put(*conf.as<Value::Map>(), kOptionsKey, handshake.component.options);
  std::string json = "{\"conf\":{";
  bool first = true;
  for (const auto& [key, value] : *conf.as<Value::Map>()) {
    if (!first) json += ',';
    first = false;
    if (!append_text(json, key)) return Error{"a key of the configuration is not valid UTF-8"};
    json += ':';
    if (const Uncarried why = append_value(json, value); !why.empty())
      return Error{"the configuration's value of \"" + key + "\" cannot be given to a child: " + why};
  }
  json += "},\"pidDir\":";
  if (!append_text(json, handshake.pid_folder)) return Error{"the folder for pid files is not valid UTF-8"};
  json += ",\"context\":";
  if (const Uncarried why = append_value(json, shell_context(handshake)); !why.empty())
    return Error{"the topology cannot be described to a child: " + why};
  if (handshake.offers_batches) json += ",\"sparse\":{\"framings\":[\"" + std::string(kBatchFraming) + "\"]}";
  json += '}';
  return json;
}

}  // namespace sparse::multilang
