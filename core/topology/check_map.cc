// Checks of maps and values against the table of keys.
#include <fmt/format.h>

#include <algorithm>

#include "core/config/scalar.h"
#include "core/config/suggest.h"
#include "core/topology/keys.h"

namespace sparse::topology {
namespace {

using yaml::Node;
using yaml::Scalar;

std::string_view wanted(Shape shape) {
  switch (shape) {
    case Shape::text:
    case Shape::path:
    case Shape::delay: return "text";
    case Shape::boolean: return "true or false";
    case Shape::integer: return "a whole number";
    case Shape::number: return "a number";
    case Shape::count_or_forever: return "a whole number, or `forever`";
    case Shape::text_list: return "a list of words, as in `[word]`";
    case Shape::text_or_list: return "a word, or a list of words, as in `[lines, more]`";
    case Shape::text_map: return "a map of words, as in `{NAME: value}`";
    case Shape::command: return "a list of arguments, as in `[python3, split.py]`";
    case Shape::map:
    case Shape::config: return "a map";
    case Shape::list:
    case Shape::spouts:
    case Shape::bolts:
    case Shape::flux_objects:
    case Shape::flux_streams:
    case Shape::includes: return "a list";
    case Shape::inputs: return "a map from component to grouping, as in `{split: shuffle}`";
    case Shape::outputs: return "a list of fields, as in `[word]`, or a map from stream to its fields";
    case Shape::grouping: return "a grouping, as in `shuffle` or `{fields: [word]}`";
    case Shape::grouping_custom: return "a map, as in `{plugin: FILE.so/NAME}`";
    case Shape::retry: return "a map, as in `{limit: 5, delay: 100ms..10s}`";
    case Shape::builtin: return "a map of options, which may be empty: `{}`";
    case Shape::flux_grouping: return "a map, as in `{type: SHUFFLE}`";
    case Shape::flux_object: return "a map with `className`";
    case Shape::any: break;
  }
  return "a value";
}

bool wrong(const Node& value, const Key& key, std::string_view subject, const Document& document, Findings& findings) {
  findings.error("SP1103", where(document, value),
                 fmt::format("{}: `{}` wants {}, found {}", subject, key.name, wanted(key.shape), yaml::describe(value)));
  return false;
}

bool trapped(const Scalar& scalar, const Node& value, const Document& document, Findings& findings) {
  findings.error("SP1006", where(document, value), scalar.trap).help.push_back(scalar.help);
  return false;
}

bool out_of_range(const Node& value, const Key& key, std::string_view subject, const Document& document, Findings& findings) {
  const std::string range =
      key.most > 0 ? fmt::format("from {} to {}", key.least, key.most) : fmt::format("at least {}", key.least);
  findings.error("SP1104", where(document, value),
                 fmt::format("{}: `{}` is {}, but it has to be {}", subject, key.name, value.text, range));
  return false;
}

bool check_scalar(const Node& value, const Key& key, std::string_view subject, const Document& document, Findings& findings) {
  if (value.is_map() || value.is_sequence()) return wrong(value, key, subject, document, findings);
  const Scalar scalar = yaml::classify(value);
  if (scalar.type == Scalar::Type::trap) return trapped(scalar, value, document, findings);
  const bool in_range = scalar.integer >= key.least && (key.most == 0 || scalar.integer <= key.most);
  switch (key.shape) {
    case Shape::boolean: return scalar.type == Scalar::Type::boolean || wrong(value, key, subject, document, findings);
    case Shape::count_or_forever:
      if (value.text == "forever") return true;
      [[fallthrough]];
    case Shape::integer:
      if (scalar.type != Scalar::Type::integer) return wrong(value, key, subject, document, findings);
      return in_range || out_of_range(value, key, subject, document, findings);
    case Shape::number:
      if (scalar.type == Scalar::Type::integer) return in_range || out_of_range(value, key, subject, document, findings);
      if (scalar.type != Scalar::Type::real) return wrong(value, key, subject, document, findings);
      return scalar.real >= static_cast<double>(key.least) || out_of_range(value, key, subject, document, findings);
    default: break;
  }
  if (scalar.type == Scalar::Type::null) return wrong(value, key, subject, document, findings);
  if (!value.text.empty()) return true;
  findings.error("SP1103", where(document, value),
                 fmt::format("{}: `{}` wants {}, but it is empty", subject, key.name, wanted(key.shape)));
  return false;
}

bool is_empty_or(const Node& value, yaml::Kind kind) { return value.is_null() || value.kind == kind; }

}  // namespace

bool read_text(const Node& node, std::string_view what, const Document& document, Findings& findings, std::string& text) {
  if (node.is_scalar()) {
    const Scalar scalar = yaml::classify(node);
    if (scalar.type == Scalar::Type::trap) return trapped(scalar, node, document, findings);
    text = node.text;
    return true;
  }
  findings.error("SP1103", where(document, node), fmt::format("{} is text, found {}", what, yaml::describe(node)));
  return false;
}

bool read_text_list(const Node& node, std::string_view what, const Document& document, Findings& findings,
                    std::vector<std::string>& texts) {
  bool good = true;
  for (const Node& item : node.items) {
    std::string text;
    if (read_text(item, what, document, findings, text))
      texts.push_back(std::move(text));
    else
      good = false;
  }
  return good;
}

bool check_shape(const Node& value, const Key& key, std::string_view subject, const Document& document, Findings& findings) {
  switch (key.shape) {
    case Shape::any: return true;
    case Shape::text:
    case Shape::path:
    case Shape::delay:
    case Shape::boolean:
    case Shape::integer:
    case Shape::number:
    case Shape::count_or_forever: return check_scalar(value, key, subject, document, findings);
    case Shape::text_list: return value.is_sequence() || wrong(value, key, subject, document, findings);
    case Shape::text_or_list:
    case Shape::command:
      if (value.is_sequence() && !value.items.empty()) return true;
      if (value.is_scalar() && !value.text.empty()) return true;
      return wrong(value, key, subject, document, findings);
    case Shape::text_map:
    case Shape::map:
    case Shape::config:
    case Shape::retry:
    case Shape::builtin: return is_empty_or(value, yaml::Kind::map) || wrong(value, key, subject, document, findings);
    case Shape::list:
    case Shape::spouts:
    case Shape::bolts:
    case Shape::flux_objects:
    case Shape::flux_streams:
    case Shape::includes: return is_empty_or(value, yaml::Kind::sequence) || wrong(value, key, subject, document, findings);
    case Shape::inputs:
    case Shape::outputs: return value.is_map() || value.is_sequence() || wrong(value, key, subject, document, findings);
    case Shape::grouping: return value.is_map() || value.is_scalar() || wrong(value, key, subject, document, findings);
    case Shape::grouping_custom:
    case Shape::flux_grouping:
    case Shape::flux_object: return value.is_map() || wrong(value, key, subject, document, findings);
  }
  return true;
}

std::vector<const Node::Pair*> check_map(const Node& map, std::span<const Key> keys, std::string_view subject,
                                         const Document& document, Findings& findings) {
  std::vector<const Node::Pair*> right;
  for (const Node::Pair& pair : map.pairs) {
    const auto& [name, value] = pair;
    if (name.text.starts_with("x-")) continue;
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& candidate) { return candidate.name == name.text; });
    if (key != keys.end() && !key->misplaced.empty()) {
      findings.error("SP1107", where(document, name), fmt::format("{} cannot have the key \"{}\"", subject, name.text))
          .help.emplace_back(key->misplaced);
      continue;
    }
    if (key != keys.end()) {
      if (check_shape(value, *key, subject, document, findings)) right.push_back(&pair);
      continue;
    }
    Diagnostic& unknown =
        findings.error("SP1101", where(document, name), fmt::format("{} has no key \"{}\"", subject, name.text));
    unknown.label = findings.suggestion(name.text, [&] { return names_of(keys); });
    if (unknown.label.empty())
      unknown.help.push_back(keys.empty() ? "it has no keys at all" : "its keys are " + quoted_list(names_of(keys)));
  }
  for (const Key& key : keys)
    if (key.required && !map.find(key.name))
      findings.error("SP1102", where(document, map), fmt::format("{} needs the key \"{}\"", subject, key.name));
  return right;
}

}  // namespace sparse::topology
