#include "core/topology/schema.h"

#include <nlohmann/json.hpp>

#include "core/topology/builtins.h"
#include "core/topology/config_keys.h"
#include "core/topology/keys.h"

namespace sparse::topology {
namespace {

using Json = nlohmann::ordered_json;

Json reference(const std::string& name) { return {{"$ref", "#/$defs/" + name}}; }

Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

Json any_of(std::vector<Json> choices) { return {{"anyOf", std::move(choices)}}; }

// A scalar as it is written: YAML readers give editors a number or a boolean for some words.
Json text() { return {{"type", {"string", "number", "boolean"}}}; }

Json with_range(Json schema, const Key& key) {
  schema["minimum"] = key.least;
  if (key.most > 0) schema["maximum"] = key.most;
  return schema;
}

Json or_empty(Json schema) { return any_of({std::move(schema), {{"type", "null"}}}); }

Json object_of(Json values) { return {{"type", "object"}, {"additionalProperties", std::move(values)}}; }

Json scalar_of(const Key& key) {
  switch (key.shape) {
    case Shape::boolean: return {{"type", "boolean"}};
    case Shape::integer: return with_range({{"type", "integer"}}, key);
    case Shape::number: return with_range({{"type", "number"}}, key);
    case Shape::count_or_forever: return any_of({with_range({{"type", "integer"}}, key), {{"const", "forever"}}});
    case Shape::delay: return {{"type", "string"}, {"pattern", "^[0-9]+(ms|s|m)(\\.\\.[0-9]+(ms|s|m))?$"}};
    default: return text();
  }
}

std::string definition_of(const Key& key, bool spouts) { return std::string(key.name) + (spouts ? "-spout" : "-bolt"); }

Json shape_of(const Key& key, bool spouts) {
  switch (key.shape) {
    case Shape::any: return Json(true);
    case Shape::text:
    case Shape::path:
    case Shape::boolean:
    case Shape::integer:
    case Shape::number:
    case Shape::count_or_forever:
    case Shape::delay: return scalar_of(key);
    case Shape::text_list: return list_of(text());
    case Shape::text_or_list: return any_of({text(), list_of(text())});
    case Shape::text_map: return or_empty(object_of(text()));
    case Shape::command: return any_of({{{"type", "string"}}, list_of(text())});
    case Shape::map: return or_empty({{"type", "object"}});
    case Shape::config: return or_empty(reference("config"));
    case Shape::list: return or_empty({{"type", "array"}});
    case Shape::spouts: return or_empty(list_of(any_of({reference("spout"), reference("flux-spout")})));
    case Shape::bolts: return or_empty(list_of(any_of({reference("bolt"), reference("flux-bolt")})));
    case Shape::includes: return or_empty(list_of(any_of({{{"type", "string"}}, reference("include")})));
    case Shape::inputs: return any_of({object_of(reference("grouping")), list_of(object_of(reference("grouping")))});
    case Shape::outputs: return any_of({list_of(text()), object_of(any_of({list_of(text()), reference("output")}))});
    case Shape::grouping: return reference("grouping");
    case Shape::grouping_custom: return reference("custom-grouping");
    case Shape::retry: return reference("retry");
    case Shape::builtin: return or_empty(reference(definition_of(key, spouts)));
    case Shape::flux_objects: return or_empty(list_of(reference("flux-object")));
    case Shape::flux_streams: return or_empty(list_of(reference("flux-stream")));
    case Shape::flux_grouping: return reference("flux-grouping");
    case Shape::flux_object: return reference("flux-object");
  }
  return Json(true);
}

Json object_schema(const std::vector<Key>& keys, bool spouts) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Key& key : keys) {
    if (!key.misplaced.empty()) continue;
    Json schema = shape_of(key, spouts);
    if (!key.help.empty() && schema.is_object()) schema["description"] = key.help;
    properties[std::string(key.name)] = std::move(schema);
    if (key.required) required.push_back(key.name);
  }
  Json schema = {{"type", "object"},
                 {"properties", std::move(properties)},
                 {"patternProperties", {{"^x-", true}}},
                 {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

// What a component runs: exactly one of these keys.
Json component_schema(Form form) {
  const bool spouts = form == Form::spout;
  Json schema = object_schema(keys_of(form), spouts);
  for (const Key& key : keys_of(form))
    if (key.shape == Shape::builtin || key.name == "plugin" || key.name == "python" || key.name == "command")
      schema["oneOf"].push_back({{"required", {key.name}}});
  return schema;
}

Json grouping_schema() {
  Json words = {"shuffle", "all", "global", "none", "direct", "local-or-shuffle"};
  Json one_key = object_schema(keys_of(Form::grouping), false);
  one_key["minProperties"] = one_key["maxProperties"] = 1;
  return any_of({{{"enum", std::move(words)}}, std::move(one_key)});
}

Json config_schema() {
  Json properties = Json::object();
  for (const std::string& name : known_config_keys()) properties[name] = Json(true);
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

}  // namespace

std::string json_schema() {
  Json definitions = {{"spout", component_schema(Form::spout)},
                      {"bolt", component_schema(Form::bolt)},
                      {"grouping", grouping_schema()},
                      {"custom-grouping", object_schema(keys_of(Form::grouping_custom), false)},
                      {"output", object_schema(keys_of(Form::output), false)},
                      {"retry", object_schema(keys_of(Form::retry), true)},
                      {"include", object_schema(keys_of(Form::include), false)},
                      {"flux-spout", object_schema(keys_of(Form::flux_spout), true)},
                      {"flux-bolt", object_schema(keys_of(Form::flux_bolt), false)},
                      {"flux-object", object_schema(keys_of(Form::flux_object), false)},
                      {"flux-stream", object_schema(keys_of(Form::flux_stream), false)},
                      {"flux-grouping", object_schema(keys_of(Form::flux_grouping), false)},
                      {"config", config_schema()}};
  for (const Builtin& builtin : builtins())
    if (builtin.own_key)
      definitions[std::string(builtin.name) + (builtin.is_spout ? "-spout" : "-bolt")] =
          object_schema(builtin.options, builtin.is_spout);
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "sparse topology"}};
  schema.update(object_schema(keys_of(Form::topology), false));
  schema["$defs"] = std::move(definitions);
  return schema.dump(2) + "\n";
}

}  // namespace sparse::topology
