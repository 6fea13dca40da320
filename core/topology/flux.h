// Spouts, bolts and streams as Flux writes them.
#pragma once

#include <vector>

#include "core/topology/draft.h"
#include "core/topology/findings.h"

namespace sparse::topology {

/// Whether a spout or bolt is written in Flux's form: it has a `className`.
bool is_flux(const yaml::Node& node);

/// A Java class that is used somewhere in the files.
struct JavaClass {
  std::string name;
  Where where = {};
};

/// Reads Flux components and collects the Java classes that cannot run.
class FluxReader {
 public:
  FluxReader(const Draft& draft, Findings& findings);

  /// Reads one entry of `spouts:` or `bolts:`. Empty if it cannot run.
  std::optional<Component> read(const Definition& definition, bool is_spout);
  /// Adds the subscriptions of `streams:` to the bolts.
  void connect(std::vector<Component>& components);
  /// One error that lists all Java classes; errors about hooks and `topologySource`.
  void finish();

 private:
  const Draft& draft_;
  Findings& findings_;
  std::vector<JavaClass> java_ = {};
};

}  // namespace sparse::topology
