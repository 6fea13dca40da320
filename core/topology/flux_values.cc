#include "core/topology/flux_values.h"

#include <fmt/format.h>

#include "core/base/collect_names.h"
#include "core/config/scalar.h"
#include "core/topology/java_classes.h"

namespace sparse::topology {
namespace {

using yaml::Node;

constexpr int kDeepest = 64;
constexpr std::size_t kMostSteps = 100'000;

const Node* only_key(const Node& node, std::string_view key) {
  return node.is_map() && node.pairs.size() == 1 && node.pairs.front().first.text == key ? &node.pairs.front().second : nullptr;
}

}  // namespace

FluxValues::FluxValues(const Draft& draft, Findings& findings) : draft_(draft), findings_(findings) {
  for (std::size_t i = 0; i < draft.objects.size(); ++i)
    if (const Node* id = draft.objects[i].node->find("id"); id && id->is_scalar()) by_id_.emplace(id->text, i);
}

std::optional<Node> FluxValues::literal(const Node& node, const Document& document) {
  return evaluate(node, document, draft_.objects.size(), 0);
}

std::optional<std::vector<Node>> FluxValues::literals(const Node* list, const Document& document) {
  std::vector<Node> values;
  if (!list) return values;
  bool all = true;
  for (const Node& item : list->items) {
    std::optional<Node> value = literal(item, document);
    all = all && value.has_value();
    if (value) values.push_back(std::move(*value));
  }
  return all ? std::optional(std::move(values)) : std::nullopt;
}

std::optional<Node> FluxValues::evaluate(const Node& node, const Document& document, std::size_t before, int depth) {
  if (++steps_ > kMostSteps || depth > kDeepest) {
    if (steps_ != kMostSteps + 2)
      findings_.error("SP1404", where(document, node), "the references between `components` are too deep or too many")
          .help.push_back("write the values where they are used");
    steps_ = kMostSteps + 1;
    return std::nullopt;
  }
  if (const Node* id = only_key(node, "ref")) return object(*id, document, before, depth);
  const Node* list = only_key(node, "reflist");
  if (!list && !node.is_sequence()) return node;
  Node result{.kind = yaml::Kind::sequence, .begin = node.begin, .end = node.end};
  for (const Node& item : (list ? *list : node).items) {
    std::optional<Node> value = list ? object(item, document, before, depth) : evaluate(item, document, before, depth + 1);
    if (!value) return std::nullopt;
    result.items.push_back(std::move(*value));
  }
  return result;
}

std::optional<Node> FluxValues::object(const Node& id, const Document& document, std::size_t before, int depth) {
  const auto found = by_id_.find(id.text);
  if (!id.is_scalar() || found == by_id_.end()) {
    Diagnostic& unknown =
        findings_.error("SP1404", where(document, id),
                        id.is_scalar() ? fmt::format("there is no component \"{}\" to refer to", id.text)
                                       : fmt::format("a reference names a component, found {}", yaml::describe(id)));
    unknown.label =
        findings_.suggestion(id.text, [&] { return collect_names(by_id_, [](const auto& pair) { return pair.first; }); });
    unknown.help.push_back("define it under `components:`");
    return std::nullopt;
  }
  if (found->second >= before) {
    findings_
        .error("SP1404", where(document, id), fmt::format("the component \"{}\" is defined only after this reference", id.text))
        .help.push_back("move it up");
    return std::nullopt;
  }
  return value_of(draft_.objects[found->second], found->second, depth + 1);
}

std::optional<Node> FluxValues::value_of(const Definition& definition, std::size_t index, int depth) {
  const Node* name = definition.node->find("className");
  const Node* arguments = definition.node->find("constructorArgs");
  const JavaKind kind = name ? counterpart_of(name->text).kind : JavaKind::other;
  if (kind != JavaKind::list && kind != JavaKind::text) return std::nullopt;
  Node all{.kind = yaml::Kind::sequence, .begin = definition.node->begin, .end = definition.node->end};
  if (arguments) all.items = arguments->items;
  std::optional<Node> value = evaluate(all, *definition.document, index, depth);
  // One argument: the list itself, or the text.
  if (value && value->items.size() == 1 && (kind == JavaKind::text || value->items.front().is_sequence())) {
    Node only = std::move(value->items.front());
    return only;
  }
  return kind == JavaKind::list ? value : std::nullopt;
}

}  // namespace sparse::topology
