// Each option against each input.
#include "core/topology/kafka_sinks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sparse::topology {
namespace {

constexpr std::string_view kNamesFields[] = {"topic-field", "key", "value", "headers", "partition"};
constexpr std::size_t kLongestName = 128;
// Of more, that there are too many was told: searching all of them for each input could take long.
constexpr std::size_t kMostStreams = 250, kMostFields = 1000;

using ById = std::unordered_map<std::string_view, const Component*>;

bool is_kafka_sink(const Component& component) {
  return !component.is_spout && component.runs.kind == Implementation::Kind::builtin && component.runs.name == "kafka";
}

std::string text_of(const Value* value) {
  if (const auto* text = value ? value->as<std::string>() : nullptr) return *text;
  if (const auto* number = value ? value->as<std::int64_t>() : nullptr) return std::to_string(*number);
  return {};
}

void check_field(const Component& sink, std::string_view option, const std::string& field, const Input& input,
                 const Stream& stream, Findings& findings) {
  if (stream.fields.size() > kMostFields || std::ranges::find(stream.fields, field) != stream.fields.end()) return;
  const auto place = sink.places.find(fmt::format("option.{}", option));
  const std::string name = fmt::format("{}/{}", input.component, input.stream);
  Diagnostic& unknown =
      findings.error("SP1220", place == sink.places.end() ? sink.where : place->second,
                     fmt::format("bolt \"{}\": `{}` names the field \"{}\", but stream {} has {}", sink.id, option,
                                 field.substr(0, kLongestName), name,
                                 stream.fields.empty() ? "no fields" : "the fields " + bracketed(stream.fields)));
  unknown.label = findings.suggestion(field, [&] { return stream.fields; });
  if (stream.where.line > 0)
    unknown.related.push_back(
        {stream.where.file, stream.where.line, stream.where.column, fmt::format("fields of {} are declared", name)});
}

void check_inputs(const Component& sink, std::string_view option, const std::string& field, const ById& by_id,
                  Findings& findings) {
  for (const Input& input : sink.inputs) {
    const auto source = by_id.find(input.component);
    if (source == by_id.end() || source->second->outputs.size() > kMostStreams) continue;
    if (const Stream* stream = find_stream(*source->second, input.stream))
      check_field(sink, option, field, input, *stream, findings);
  }
}

}  // namespace

void check_kafka_sinks(const Topology& topology, Findings& findings) {
  ById by_id;
  for (const Component& component : topology.components) by_id.emplace(component.id, &component);
  for (const Component& component : topology.components) {
    if (!is_kafka_sink(component)) continue;
    for (const std::string_view option : kNamesFields) {
      const std::string field = text_of(component.options.find(option));
      if (!field.empty()) check_inputs(component, option, field, by_id, findings);
    }
  }
}

}  // namespace sparse::topology
