#include "core/topology/flux.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/collect_names.h"
#include "core/config/scalar.h"
#include "core/config/suggest.h"
#include "core/topology/connections.h"
#include "core/topology/flux_shell.h"
#include "core/topology/keys.h"
#include "core/topology/short_form.h"
#include "core/topology/values.h"

namespace sparse::topology {
namespace {

using yaml::Node;

struct FluxGrouping {
  std::string_view name;
  GroupingKind kind;
};

constexpr std::array kGroupings = {
    FluxGrouping{"SHUFFLE", GroupingKind::shuffle}, FluxGrouping{"FIELDS", GroupingKind::fields},
    FluxGrouping{"ALL", GroupingKind::all},         FluxGrouping{"GLOBAL", GroupingKind::global},
    FluxGrouping{"NONE", GroupingKind::none},       FluxGrouping{"DIRECT", GroupingKind::direct},
    FluxGrouping{"CUSTOM", GroupingKind::custom},   FluxGrouping{"LOCAL_OR_SHUFFLE", GroupingKind::local_or_shuffle},
};

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return result;
}

std::vector<std::string> grouping_names() {
  return collect_names(kGroupings, [](const FluxGrouping& grouping) { return grouping.name; });
}

}  // namespace

bool is_flux(const Node& node) { return node.find("className") != nullptr; }

void FluxReader::add_java(const Node& class_name, const Document& document, std::string user) {
  java_.push_back({class_name.text.substr(0, 200), std::move(user), where(document, class_name)});
}

std::optional<Component> FluxReader::read(const Definition& definition, bool is_spout) {
  const Node& node = *definition.node;
  const std::string subject = subject_of(node, is_spout);
  const std::size_t before = findings_.errors();
  check_map(node, keys_of(is_spout ? Form::flux_spout : Form::flux_bolt), subject, *definition.document, findings_);
  Component component;
  component.is_spout = is_spout;
  const Node* id = node.find("id");
  if (id && id->is_scalar()) component.id = id->text;
  component.where = where(*definition.document, id ? *id : node);
  const bool runs = findings_.errors() == before && read_class(definition, subject, component);
  if (findings_.errors() == before) read_vertex(definition, component);
  if (const Node* inputs = is_spout ? nullptr : node.find("inputs"))
    read_inputs(*inputs, subject, component, *definition.document, findings_);
  if (component.id.empty()) return std::nullopt;
  component.half_read = !runs || findings_.errors() > before;
  return component;
}

bool FluxReader::read_class(const Definition& definition, const std::string& subject, Component& component) {
  const Node& name = *definition.node->find("className");
  const JavaCounterpart counterpart = counterpart_of(name.text);
  const bool is_spout =
      counterpart.kind == JavaKind::shell_spout || (counterpart.kind == JavaKind::builtin && counterpart.is_spout);
  const bool is_bolt =
      counterpart.kind == JavaKind::shell_bolt || (counterpart.kind == JavaKind::builtin && !counterpart.is_spout);
  if (!is_spout && !is_bolt) {
    add_java(name, *definition.document, subject);
    return false;
  }
  if (is_spout != component.is_spout) {
    findings_
        .error("SP1403", where(*definition.document, name),
               fmt::format("{}: {} is a {}", subject, name.text, is_spout ? "spout" : "bolt"))
        .help.push_back(fmt::format("move it to `{}:`", is_spout ? "spouts" : "bolts"));
    return false;
  }
  if (counterpart.kind != JavaKind::builtin) return read_flux_shell(definition, subject, values_, component, findings_);
  read_builtin(definition, counterpart, subject, component);
  return true;
}

void FluxReader::read_builtin(const Definition& definition, const JavaCounterpart& counterpart, const std::string& subject,
                              Component& component) {
  component.runs.kind = Implementation::Kind::builtin;
  component.runs.name = counterpart.builtin;
  for (const std::string_view key : {"configMethods", "properties", "factory", "factoryArgs"})
    if (const Node* extra = definition.node->find(key); extra && !extra->is_null())
      findings_.warning("SP1403", where(*definition.document, *extra),
                        fmt::format("{}: `{}` has no effect on the built-in `{}`", subject, key, counterpart.builtin));
}

void FluxReader::read_vertex(const Definition& definition, Component& component) {
  const Node& node = *definition.node;
  read_component_config(node, component, *definition.document, findings_);
  const auto integer = [&](std::string_view key) {
    const Node* value = node.find(key);
    return value ? yaml::classify(*value).integer : 0;
  };
  // Tasks are what run; executors are threads of Storm's.
  const std::string_view key = integer("numTasks") > 0 ? "numTasks" : "parallelism";
  if (const std::int64_t tasks = integer(key); tasks > 0) {
    component.parallelism = static_cast<std::uint32_t>(tasks);
    component.places["parallelism"] = where(*definition.document, *node.find(key));
  }
  constexpr std::pair<std::string_view, std::string_view> loads[] = {
      {"onHeapMemoryLoad", "topology.component.resources.onheap.memory.mb"},
      {"offHeapMemoryLoad", "topology.component.resources.offheap.memory.mb"},
      {"cpuLoad", "topology.component.cpu.pcore.percent"}};
  for (const auto& [load, config_key] : loads)
    if (const Node* value = node.find(load); value && !value->text.starts_with('-'))
      set_key(component.config, config_key, to_value(*value, *definition.document, findings_));
}

void FluxReader::connect(std::vector<Component>& components) {
  for (std::size_t i = 0; i < components.size(); ++i) index_.emplace(components[i].id, i);
  for (const Definition& definition : draft_.streams) connect(definition, components);
}

void FluxReader::connect(const Definition& definition, std::vector<Component>& components) {
  const Node& node = *definition.node;
  const Document& document = *definition.document;
  const std::size_t before = findings_.errors();
  check_map(node, keys_of(Form::flux_stream), "a stream", document, findings_);
  const Node* from = node.find("from");
  const Node* to = node.find("to");
  const Node* grouping = node.find("grouping");
  if (!from || !from->is_scalar() || !to || !to->is_scalar()) return;
  const auto target = index_.find(to->text);
  if (target == index_.end()) {
    Diagnostic& unknown = findings_.error("SP1204", where(document, *to),
                                          fmt::format("a stream leads to \"{}\", but there is no such bolt", to->text));
    unknown.label = findings_.suggestion(to->text, [&] { return collect_names(components, &Component::id); });
    return;
  }
  Component& bolt = components[target->second];
  if (bolt.is_spout) {
    findings_.error("SP1206", where(document, *to), fmt::format("a stream leads to \"{}\", which is a spout", to->text))
        .help.push_back("only bolts have inputs");
    return;
  }
  Input input{.component = from->text, .where = where(document, *from)};
  if (grouping && grouping->is_map() && findings_.errors() == before) {
    check_map(*grouping, keys_of(Form::flux_grouping), "a grouping", document, findings_);
    if (const Node* stream = grouping->find("streamId"); stream && stream->is_scalar()) input.stream = stream->text;
    // A wrong grouping is reported; the bolt is connected nevertheless, lest it be reported as unconnected.
    if (findings_.errors() == before) read_grouping(*grouping, document, input.grouping);
  }
  subscribe(bolt, std::move(input));
}

void FluxReader::subscribe(Component& bolt, Input input) {
  const auto [known, is_new] =
      subscriptions_.emplace(fmt::format("{}\n{}\n{}", bolt.id, input.component, input.stream), bolt.inputs.size());
  if (is_new) {
    bolt.inputs.push_back(std::move(input));
    return;
  }
  Input& earlier = bolt.inputs[known->second];
  Diagnostic& warning = findings_.warning(
      "SP1405", input.where,
      fmt::format("\"{}\" already subscribes to {}/{}: as in Storm, this replaces it", bolt.id, input.component, input.stream));
  warning.related.push_back({earlier.where.file, earlier.where.line, earlier.where.column, "the one that is replaced is"});
  warning.help.push_back("remove one of the two; the short form's `inputs:` can subscribe twice");
  earlier = std::move(input);
}

bool FluxReader::read_grouping(const Node& node, const Document& document, GroupingSpec& grouping) {
  const Node& type = *node.find("type");
  const std::string name = upper(type.text);
  const auto known =
      std::find_if(kGroupings.begin(), kGroupings.end(), [&](const FluxGrouping& candidate) { return candidate.name == name; });
  if (known == kGroupings.end() && name == "PARTIAL_KEY") {
    grouping.kind = GroupingKind::partial_key;
  } else if (known == kGroupings.end()) {
    Diagnostic& unknown = findings_.error("SP1106", where(document, type), fmt::format("\"{}\" is no grouping", type.text));
    unknown.label = findings_.suggestion(name, grouping_names);
    if (unknown.label.empty()) unknown.help.push_back("groupings are " + quoted_list(grouping_names()));
    return false;
  } else {
    grouping.kind = known->kind;
  }
  if (grouping.kind == GroupingKind::custom) return read_custom(node, document, grouping);
  if (grouping.kind != GroupingKind::fields && grouping.kind != GroupingKind::partial_key) return true;
  if (const Node* arguments = node.find("args")) {
    read_text_list(*arguments, "a field", document, findings_, grouping.fields);
    for (const Node& field : arguments->items) grouping.field_places.push_back(where(document, field));
  }
  return true;
}

bool FluxReader::read_custom(const Node& node, const Document& document, GroupingSpec& grouping) {
  const Node* custom = node.find("customClass");
  if (!custom) {
    findings_.error("SP1106", where(document, node), "the grouping CUSTOM needs a `customClass`");
    return false;
  }
  const std::size_t before = findings_.errors();
  check_map(*custom, keys_of(Form::flux_object), "`customClass`", document, findings_);
  if (findings_.errors() > before) return false;
  const Node& name = *custom->find("className");
  if (counterpart_of(name.text).kind != JavaKind::partial_key) {
    add_java(name, document, "a grouping");
    grouping.kind = GroupingKind::none;
    return false;
  }
  grouping.kind = GroupingKind::partial_key;
  const auto arguments = values_.literals(custom->find("constructorArgs"), document);
  if (!arguments || arguments->empty()) return arguments.has_value();
  const Node& fields = arguments->front();
  if (fields.is_sequence()) return read_text_list(fields, "a field", document, findings_, grouping.fields);
  findings_.error("SP1403", where(document, fields),
                  fmt::format("PartialKeyGrouping takes a list of fields, found {}", yaml::describe(fields)));
  return false;
}

void FluxReader::finish() {
  for (const Definition& object : draft_.objects) {
    const std::size_t before = findings_.errors();
    const Node* id = object.node->find("id");
    const std::string subject = id && id->is_scalar() ? fmt::format("component \"{}\"", id->text.substr(0, 128)) : "a component";
    check_map(*object.node, keys_of(Form::flux_object), subject, *object.document, findings_);
    if (findings_.errors() > before) continue;
    const Node& name = *object.node->find("className");
    const JavaKind kind = counterpart_of(name.text).kind;
    if (kind != JavaKind::list && kind != JavaKind::text) add_java(name, *object.document, subject);
  }
  for (const Definition& hook : draft_.java_hooks)
    if (const Node* name = hook.node->find("className"); name && name->is_scalar())
      add_java(*name, *hook.document, "a worker hook");
  report_java(java_, findings_);
  if (!draft_.topology_source.node) return;
  Diagnostic& error =
      findings_.error("SP1402", where(*draft_.topology_source.document, *draft_.topology_source.node),
                      "`topologySource` lets Java code build the topology: sparse has no Java virtual machine to run it");
  if (!draft_.spouts.empty() || !draft_.bolts.empty() || !draft_.streams.empty())
    error.notes.push_back("Flux does not allow it beside `spouts`, `bolts` and `streams` either");
  error.help.push_back("list the `spouts:` and `bolts:` that the code would make");
}

}  // namespace sparse::topology
