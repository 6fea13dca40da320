// Resolving: streams that built-ins and classes declare, and what else follows from the rest of the topology.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "core/config/suggest.h"
#include "core/topology/builtins.h"
#include "core/topology/validate.h"

namespace sparse::topology {
namespace {

std::string kind_and_id(const Component& component) {
  return fmt::format("{} \"{}\"", component.is_spout ? "spout" : "bolt", component.id);
}

std::vector<Stream> declared_streams(const ComponentSpec& spec, const Where& where) {
  std::vector<Stream> streams;
  if (!spec.outputs.empty()) streams.push_back({.fields = spec.outputs, .where = where});
  for (const StreamSpec& stream : spec.streams) streams.push_back({stream.name, stream.fields, stream.direct, where});
  return streams;
}

void merge_stream(Component& component, const Stream& declared, std::string_view by, Findings& findings) {
  const auto own = std::find_if(component.outputs.begin(), component.outputs.end(),
                                [&](const Stream& stream) { return stream.name == declared.name; });
  if (own == component.outputs.end()) {
    component.outputs.push_back(declared);
  } else if (own->fields != declared.fields) {
    findings
        .error("SP1213", own->where,
               fmt::format("{}: the file gives stream \"{}\" the fields {}, but {} declares {}", kind_and_id(component),
                           own->name, bracketed(own->fields), by, bracketed(declared.fields)))
        .help.push_back("leave it out of `outputs:`, or make both the same");
  } else if (own->direct != declared.direct) {
    findings
        .error("SP1213", own->where,
               fmt::format("{}: stream \"{}\" is {} in the file, but {} to {}", kind_and_id(component), own->name,
                           own->direct ? "direct" : "not direct", declared.direct ? "direct" : "not direct", by))
        .help.push_back("leave it out of `outputs:`, or make both the same");
  }
}

void report_option(const Component& component, const Error& error, Findings& findings) {
  auto place = component.places.find("option." + error.about);
  if (place == component.places.end()) place = component.places.find(error.about);
  const bool is_there = place != component.places.end();
  // What a half-read component lacks may be what could not be read.
  if (component.half_read && !is_there) return;
  findings.error("SP1216", is_there ? place->second : component.where,
                 fmt::format("{}: {}", kind_and_id(component), error.message));
}

void check_options(Component& component, const Describe& describe, Findings& findings) {
  const Result<ComponentSpec> spec = describe ? describe(component) : ComponentSpec{};
  if (spec) {
    component.manual_ack = spec->manual_ack;
    return;
  }
  report_option(component, spec.error(), findings);
  for (const Error& other : spec.error().others) report_option(component, other, findings);
}

// False for a component that could not be read: its streams are unknown.
bool resolve_builtin(Component& component, const Describe& describe, Findings& findings) {
  const Builtin* builtin = find_builtin(component.runs.name, component.is_spout);
  if (!builtin) return false;
  check_options(component, describe, findings);
  if (component.half_read) return false;
  const std::vector<std::string> fields = builtin_fields(*builtin, component.options);
  for (const Stream& stream : component.outputs) {
    if (fields.empty() || stream.name != "default")
      findings
          .error("SP1213", stream.where,
                 fmt::format("{}: `{}` emits nothing on stream \"{}\"", kind_and_id(component), builtin->name, stream.name))
          .help.push_back("remove the stream from `outputs:`");
    else if (stream.fields.size() != fields.size() || stream.direct)
      findings
          .error("SP1213", stream.where,
                 fmt::format("{}: `{}` emits {} field{} on its default stream, which is not direct", kind_and_id(component),
                             builtin->name, fields.size(), fields.size() == 1 ? "" : "s"))
          .help.push_back("its own fields are " + bracketed(fields));
  }
  if (component.outputs.empty() && !fields.empty()) component.outputs.push_back({.fields = fields, .where = component.where});
  return true;
}

// False if nobody could be asked.
bool resolve_class(const Topology& topology, Component& component, const Describe& describe, Findings& findings) {
  if (!describe) return false;
  Component asked = component;
  if (asked.cwd.empty()) asked.cwd = topology.folder;  // where it will run, too
  const Result<ComponentSpec> spec = describe(asked);
  const bool is_plugin = component.runs.kind == Implementation::Kind::plugin;
  if (!spec) {
    const auto place = component.places.find(is_plugin ? "plugin" : "python");
    findings.error("SP1216", place == component.places.end() ? component.where : place->second,
                   fmt::format("{}: {}", kind_and_id(component), spec.error().message));
    return false;
  }
  const std::string by = fmt::format("the class {}", component.runs.name);
  for (const Stream& stream : declared_streams(*spec, component.where)) merge_stream(component, stream, by, findings);
  component.manual_ack = component.manual_ack || spec->manual_ack;
  component.pinned = component.pinned || spec->pinned;
  component.blocking = component.blocking || spec->blocking;
  return true;
}

void cap_parallelism(const Topology& topology, Component& component, Findings& findings) {
  const std::int64_t most = config_integer(topology, &component, "topology.max.task.parallelism", 0);
  if (most < 1 || component.parallelism <= most) return;
  const auto place = component.places.find("parallelism");
  findings.warning("SP1210", place == component.places.end() ? component.where : place->second,
                   fmt::format("{} gets {} tasks instead of {}: `topology.max.task.parallelism` allows no more",
                               kind_and_id(component), most, component.parallelism));
  component.parallelism = static_cast<std::uint32_t>(most);
}

// Partial key without fields: the first value, as in Storm.
void fill_partial_keys(Topology& topology) {
  std::unordered_map<std::string, const Component*> by_id;
  for (const Component& component : topology.components) by_id.emplace(component.id, &component);
  for (Component& component : topology.components)
    for (Input& input : component.inputs) {
      if (input.grouping.kind != GroupingKind::partial_key || !input.grouping.fields.empty()) continue;
      const auto source = by_id.find(input.component);
      const Stream* stream =
          source == by_id.end() || source->second->outputs.size() > 250 ? nullptr : find_stream(*source->second, input.stream);
      if (stream && !stream->fields.empty()) input.grouping.fields = {stream->fields.front()};
    }
}

}  // namespace

std::set<std::string> resolve(Topology& topology, const Describe& describe, Findings& findings) {
  std::set<std::string> open;
  for (Component& component : topology.components) {
    switch (component.runs.kind) {
      case Implementation::Kind::builtin:
        if (!resolve_builtin(component, describe, findings)) open.insert(component.id);
        break;
      case Implementation::Kind::plugin:
      case Implementation::Kind::python:
        if (component.half_read || !resolve_class(topology, component, describe, findings)) open.insert(component.id);
        break;
      case Implementation::Kind::command:
        if (component.half_read) open.insert(component.id);
    }
    // A child process gives its verdicts itself.
    if (runs_as_child(component) && !component.is_spout) component.manual_ack = true;
    cap_parallelism(topology, component, findings);
  }
  fill_partial_keys(topology);
  return open;
}

}  // namespace sparse::topology
