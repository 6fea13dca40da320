// `sparse kafka replay`: sends dead letters back to where they came from.
#pragma once

#include "sparse-cli/kafka/arguments.h"

namespace sparse::cli {

int run_kafka_replay(const KafkaReplayArguments& arguments);

}  // namespace sparse::cli
