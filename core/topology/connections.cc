#include "core/topology/connections.h"

#include <fmt/format.h>

#include <array>

#include "core/base/collect_names.h"
#include "core/config/scalar.h"
#include "core/config/suggest.h"
#include "core/topology/keys.h"
#include "core/topology/short_form.h"
#include "core/topology/values.h"

namespace sparse::topology {
namespace {

using yaml::Node;

constexpr std::array kPlain = {GroupingKind::shuffle, GroupingKind::all,    GroupingKind::global,
                               GroupingKind::none,    GroupingKind::direct, GroupingKind::local_or_shuffle};

std::vector<std::string> grouping_words() {
  std::vector<std::string> words = collect_names(kPlain, grouping_name);
  words.insert(words.end(), {"fields", "partial-key", "custom"});
  return words;
}

void unknown_grouping(const Node& node, const Document& document, Findings& findings) {
  Diagnostic& unknown = findings.error("SP1106", where(document, node), fmt::format("\"{}\" is no grouping", node.text));
  unknown.label = findings.suggestion(node.text, grouping_words);
  if (unknown.label.empty()) unknown.help.push_back("groupings are " + quoted_list(grouping_words()));
}

bool read_plain_grouping(const Node& node, const Document& document, Findings& findings, GroupingSpec& grouping) {
  std::string word;
  if (!read_text(node, "a grouping", document, findings, word)) return false;
  for (const GroupingKind kind : kPlain)
    if (word == grouping_name(kind)) {
      grouping.kind = kind;
      return true;
    }
  if (word == "fields" || word == "partial-key") {
    findings.error("SP1106", where(document, node), fmt::format("the grouping `{}` needs to know which fields", word))
        .help.push_back(fmt::format("write {{{}: [word]}}", word));
  } else if (word == "custom") {
    findings.error("SP1106", where(document, node), "the grouping `custom` needs a plugin")
        .help.push_back("write {custom: {plugin: FILE.so/NAME}}");
  } else {
    unknown_grouping(node, document, findings);
  }
  return false;
}

bool read_grouped_fields(const Node& node, const Document& document, Findings& findings, GroupingSpec& grouping) {
  if (!node.is_sequence()) {
    findings
        .error("SP1103", where(document, node),
               fmt::format("the fields of a grouping are a list, found {}", yaml::describe(node)))
        .help.push_back("write [" + (node.is_scalar() ? node.text : "word") + "]");
    return false;
  }
  if (!read_text_list(node, "a field", document, findings, grouping.fields)) return false;
  for (const Node& item : node.items) grouping.field_places.push_back(where(document, item));
  return true;
}

bool read_grouping(const Node& node, const Document& document, Findings& findings, GroupingSpec& grouping) {
  if (!node.is_map()) return read_plain_grouping(node, document, findings, grouping);
  const std::size_t before = findings.errors();
  if (node.pairs.size() != 1) {
    findings.error("SP1106", where(document, node), fmt::format("a grouping has one key, found {}", node.pairs.size()))
        .help.push_back("write {fields: [word]}, {partial-key: [word]} or {custom: {plugin: FILE.so/NAME}}");
    return false;
  }
  const auto& [key, value] = node.pairs.front();
  if (key.text == "fields" || key.text == "partial-key") {
    grouping.kind = key.text == "fields" ? GroupingKind::fields : GroupingKind::partial_key;
    return read_grouped_fields(value, document, findings, grouping);
  }
  check_map(node, keys_of(Form::grouping), "a grouping", document, findings);
  if (findings.errors() > before) return false;
  check_map(value, keys_of(Form::grouping_custom), "a custom grouping", document, findings);
  if (findings.errors() > before) return false;
  grouping.kind = GroupingKind::custom;
  if (const Node* arguments = value.find("with")) grouping.arguments = to_value(*arguments, document, findings);
  return read_plugin(*value.find("plugin"), document, findings, grouping.custom);
}

void read_input_map(const Node& map, Component& component, const Document& document, Findings& findings) {
  for (const auto& [source, value] : map.pairs) {
    if (source.text.starts_with("x-")) continue;
    Input input;
    const std::size_t slash = source.text.find('/');
    input.component = source.text.substr(0, slash);
    if (slash != std::string::npos) input.stream = source.text.substr(slash + 1);
    input.where = where(document, source);
    if (input.component.empty() || input.stream.empty()) {
      findings.error("SP1106", input.where, fmt::format("\"{}\" names no stream", source.text))
          .help.push_back("write `component` or `component/stream`");
      continue;
    }
    // Even if the grouping is wrong: the source may be, too, and a bolt without inputs would be another error.
    if (!read_grouping(value, document, findings, input.grouping)) input.grouping = {};
    component.inputs.push_back(std::move(input));
  }
}

void read_fields(const Node& node, Stream& stream, const Document& document, Findings& findings) {
  read_text_list(node, "a field", document, findings, stream.fields);
}

void read_stream(const Node& name, const Node& value, Component& component, const Document& document, Findings& findings) {
  Stream stream;
  stream.name = name.text;
  stream.where = where(document, name);
  if (value.is_sequence()) {
    read_fields(value, stream, document, findings);
  } else if (value.is_map()) {
    const std::size_t before = findings.errors();
    check_map(value, keys_of(Form::output), fmt::format("stream \"{}\"", name.text), document, findings);
    if (findings.errors() > before) return;
    if (const Node* fields = value.find("fields")) read_fields(*fields, stream, document, findings);
    if (const Node* direct = value.find("direct"))
      stream.direct = direct->text == "true" || direct->text == "True" || direct->text == "TRUE";
  } else {
    findings
        .error("SP1103", where(document, value),
               fmt::format("stream \"{}\" wants a list of fields, found {}", name.text, yaml::describe(value)))
        .help.push_back("write [word], or {fields: [word], direct: true}");
    return;
  }
  component.outputs.push_back(std::move(stream));
}

}  // namespace

void read_inputs(const Node& node, std::string_view subject, Component& component, const Document& document, Findings& findings) {
  if (node.is_map()) return read_input_map(node, component, document, findings);
  for (const Node& item : node.items) {
    if (item.is_map())
      read_input_map(item, component, document, findings);
    else
      findings
          .error("SP1103", where(document, item),
                 fmt::format("{}: an input is a map from component to grouping, found {}", subject, yaml::describe(item)))
          .help.push_back(fmt::format("write {{{}: shuffle}}", item.is_scalar() ? item.text : "component"));
  }
}

void read_outputs(const Node& node, Component& component, const Document& document, Findings& findings) {
  if (node.is_map()) {
    for (const auto& [name, value] : node.pairs) read_stream(name, value, component, document, findings);
    return;
  }
  if (node.items.empty()) return;
  Stream stream;
  stream.where = where(document, node);
  read_fields(node, stream, document, findings);
  component.outputs.push_back(std::move(stream));
}

}  // namespace sparse::topology
