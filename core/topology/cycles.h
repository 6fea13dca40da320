// The shape of a topology as a whole: cycles, and what no tuple can reach.
#pragma once

#include "core/topology/findings.h"

namespace sparse::topology {

/// Warns of a cycle (allowed: tuples in it may circulate for ever), of bolts that no spout leads to, and of spouts that
/// nobody listens to.
void check_cycles(const Topology& topology, Findings& findings);

}  // namespace sparse::topology
