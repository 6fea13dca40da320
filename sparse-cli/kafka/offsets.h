// `sparse kafka offsets`: how far a group has come in its topics, and setting that.
#pragma once

#include "core/topology/load.h"
#include "sparse-cli/kafka/arguments.h"

namespace sparse::cli {

int run_kafka_offsets(const KafkaOffsetsArguments& arguments, const topology::Describe& describe);

}  // namespace sparse::cli
