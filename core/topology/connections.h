// `inputs` and `outputs` of components.
#pragma once

#include <string_view>

#include "core/topology/findings.h"

namespace sparse::topology {

/// A map from `component` or `component/stream` to a grouping, or a list of such maps.
void read_inputs(const yaml::Node& node, std::string_view subject, Component& component, const Document& document,
                 Findings& findings);

/// A list of fields (of the default stream), or a map from stream to fields.
void read_outputs(const yaml::Node& node, Component& component, const Document& document, Findings& findings);

}  // namespace sparse::topology
