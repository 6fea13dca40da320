// Flux's wrappers FluxShellSpout and FluxShellBolt as command components.
#pragma once

#include <string>

#include "core/topology/flux_values.h"

namespace sparse::topology {

/// Reads constructorArgs, properties and configMethods of a wrapper. False, and reported, if one of them is wrong.
bool read_flux_shell(const Definition& definition, const std::string& subject, FluxValues& values, Component& component,
                     Findings& findings);

}  // namespace sparse::topology
