// Kafka sinks: whether the streams that they subscribe to have the fields that they name.
#pragma once

#include "core/topology/findings.h"

namespace sparse::topology {

/// An error for each option of a sink that names a field which one of its inputs has not: every tuple of it would fail. Of
/// streams that are not known (their components cannot be asked, or are no part of the file) nothing is said.
void check_kafka_sinks(const Topology& topology, Findings& findings);

}  // namespace sparse::topology
