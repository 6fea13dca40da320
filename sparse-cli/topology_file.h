// Which topology file a verb means when the command line names none.
#pragma once

#include <string>

#include "core/base/result.h"

namespace sparse::cli {

/// What the command line says of it.
struct TopologyChoice {
  std::string file = {};    ///< FILE
  std::string pick = {};    ///< `-n NAME`: a file without its ending, a path, or what a file has behind `name:`
  std::string folder = {};  ///< where to look, and in its `topologies/`; empty: here
};

/// FILE; or what NAME means; or the only topology file in the folder, or else in its `topologies/`. `verb` is for the error.
Result<std::string> find_topology_file(const std::string& verb, const TopologyChoice& choice);

}  // namespace sparse::cli
