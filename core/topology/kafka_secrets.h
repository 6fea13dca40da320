// Secrets of Kafka components: whether what they refer to is there.
#pragma once

#include "core/topology/findings.h"

namespace sparse::topology {

/// Finds each `{env: NAME}` and `{file: PATH}` that cannot be resolved here and now. Contents are never shown.
void check_kafka_secrets(const Topology& topology, Severity severity, Findings& findings);

}  // namespace sparse::topology
