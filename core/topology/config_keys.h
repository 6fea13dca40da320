// Storm's configuration keys that a topology may set, with the types of their values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/topology/findings.h"

namespace sparse::topology {

/// Checks the types of known keys; warns about unknown ones that begin with `topology.`, and about keys that a component
/// cannot set for itself. Other keys are the user's.
void check_config(const Topology& topology, Findings& findings);

std::vector<std::string> known_config_keys();

}  // namespace sparse::topology
