// Which topology file a verb means when the command line names none.
#pragma once

#include <string>

#include "core/base/result.h"

namespace sparse::cli {

/// `file` if given; else NAME.yaml for `pick`; else the only topology file in `folder`, or else in its `topologies/`.
Result<std::string> find_topology_file(const std::string& file, const std::string& pick, const std::string& folder);

}  // namespace sparse::cli
