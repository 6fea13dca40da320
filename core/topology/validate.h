// Resolves a topology (what classes declare is filled in) and checks it as a whole.
#pragma once

#include <functional>
#include <set>
#include <string>

#include <sparse/sdk.h>

#include "core/base/result.h"
#include "core/topology/findings.h"

namespace sparse::topology {

/// What a C++ or Python class says of itself. An empty function: nobody is asked.
using Describe = std::function<Result<ComponentSpec>(const Component&)>;

/// Fills in the streams of built-ins and classes, and what else follows from them. What a file says otherwise than its class
/// is an error. Returns the components whose streams are not all known, since nobody could be asked.
std::set<std::string> resolve(Topology& topology, const Describe& describe, Findings& findings);

/// All checks of a resolved topology at once. Of `open` components, streams that the file does not declare may exist.
void validate(const Topology& topology, const std::set<std::string>& open, Findings& findings);

}  // namespace sparse::topology
