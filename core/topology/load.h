// From a topology file to a checked topology.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config/diagnostic.h"
#include "core/topology/draft.h"
#include "core/topology/topology.h"
#include "core/topology/validate.h"

namespace sparse::topology {

struct LoadOptions {
  std::vector<std::pair<std::string, std::string>> variables = {};  ///< --var key=value; win over filter files
  std::vector<std::string> filter_files = {};                       ///< --filter: .properties files, later ones win
  bool env_filter = false;                                          ///< --env-filter: substitute ${ENV-NAME}
  std::vector<std::pair<std::string, std::string>> config = {};     ///< -o key=value, the value as YAML; wins over the file
  std::optional<std::string> name = {};                             ///< --name; wins over the file
  std::optional<Severity> missing_secrets = {};                     ///< what it is that one is not there; absent: nothing
};

struct LoadResult {
  std::optional<Topology> topology = {};  ///< resolved; absent if there is an error
  std::vector<Diagnostic> diagnostics = {};
  Sources sources = {};  ///< texts of the files, for excerpts

  /// All diagnostics as text; empty if there are none.
  std::string text() const { return render_text(diagnostics, sources); }
};

/// Reads, resolves and checks. Never throws; takes less than a second for whatever the file contains, beside what `describe`
/// takes.
LoadResult load(const std::string& path, const LoadOptions& options, const Describe& describe);

/// The same, with the files from a function: `path` is absolute for it.
LoadResult load_from(const std::string& path, const LoadOptions& options, const Describe& describe, const ReadFile& read);

}  // namespace sparse::topology
