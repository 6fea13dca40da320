// Arguments in Flux files: literals, `{ref: id}` and `{reflist: [id…]}`.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/topology/draft.h"
#include "core/topology/findings.h"

namespace sparse::topology {

/// Looks up the objects of `components:`. An object may refer to those before it only.
class FluxValues {
 public:
  FluxValues(const Draft& draft, Findings& findings);

  /// The literal value of an argument. Empty if it is, or refers to, something that has none: unknown ids are reported;
  /// Java objects are not, for they are listed as such anyway.
  std::optional<yaml::Node> literal(const yaml::Node& node, const Document& document);
  /// The literal values of `constructorArgs`, or of `args` of a method; empty if one has none.
  std::optional<std::vector<yaml::Node>> literals(const yaml::Node* list, const Document& document);

 private:
  std::optional<yaml::Node> evaluate(const yaml::Node& node, const Document& document, std::size_t before, int depth);
  std::optional<yaml::Node> object(const yaml::Node& id, const Document& document, std::size_t before, int depth);
  std::optional<yaml::Node> value_of(const Definition& definition, std::size_t index, int depth);

  const Draft& draft_;
  Findings& findings_;
  std::unordered_map<std::string_view, std::size_t> by_id_ = {};
  std::size_t steps_ = 0;
};

}  // namespace sparse::topology
