// Spouts, bolts and streams as Flux writes them.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/topology/draft.h"
#include "core/topology/findings.h"
#include "core/topology/flux_values.h"
#include "core/topology/java_classes.h"

namespace sparse::topology {

/// Whether a spout or bolt is written in Flux's form: it has a `className`.
bool is_flux(const yaml::Node& node);

/// Reads what is in Flux's form, and collects the Java classes that cannot run.
class FluxReader {
 public:
  FluxReader(const Draft& draft, Findings& findings) : draft_(draft), findings_(findings), values_(draft, findings) {}

  /// Reads one entry of `spouts:` or `bolts:`. Empty if it has no id; if anything else is wrong, it is reported, and the
  /// component runs a built-in without name.
  std::optional<Component> read(const Definition& definition, bool is_spout);
  /// Adds the subscriptions of `streams:` to the bolts.
  void connect(std::vector<Component>& components);
  /// Errors about what needs Java: one that lists all classes, one for `topologySource`.
  void finish();

 private:
  bool read_class(const Definition& definition, const std::string& subject, Component& component);
  void read_builtin(const Definition& definition, const JavaCounterpart& counterpart, const std::string& subject,
                    Component& component);
  void read_vertex(const Definition& definition, Component& component);
  void connect(const Definition& definition, std::vector<Component>& components);
  bool read_grouping(const yaml::Node& node, const Document& document, GroupingSpec& grouping);
  bool read_custom(const yaml::Node& node, const Document& document, GroupingSpec& grouping);
  void subscribe(Component& bolt, Input input);
  void add_java(const yaml::Node& class_name, const Document& document, std::string user);

  const Draft& draft_;
  Findings& findings_;
  FluxValues values_;
  std::vector<JavaUse> java_ = {};
  std::unordered_map<std::string, std::size_t> index_ = {};          ///< of components, by id
  std::unordered_map<std::string, std::size_t> subscriptions_ = {};  ///< index into inputs, by bolt, component and stream
};

}  // namespace sparse::topology
