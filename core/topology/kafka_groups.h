// Kafka spouts of one topology that get in each other's way: a group keeps one offset for each partition.
#pragma once

#include "core/topology/findings.h"

namespace sparse::topology {

bool is_kafka_spout(const Component& component);

/// An error where two spouts of one group read the same topic of the same brokers: each would commit over the other's offset, and
/// what one has not done would be lost with the next start. A warning where they may: by patterns, or if brokers with different
/// names are of one cluster.
void check_kafka_groups(const Topology& topology, Findings& findings);

}  // namespace sparse::topology
