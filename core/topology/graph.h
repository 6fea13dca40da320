// Renderings of a resolved topology: JSON, Mermaid, DOT.
#pragma once

#include <string>

#include "core/topology/topology.h"

namespace sparse::topology {

/// One object with name, config and components. Secrets stay references. On one line, or indented.
std::string to_json(const Topology& topology, bool indented);

/// A flowchart, spouts as stadiums, edges named by stream (if it is not the default one) and grouping.
std::string to_mermaid(const Topology& topology);

/// A digraph for Graphviz.
std::string to_dot(const Topology& topology);

}  // namespace sparse::topology
