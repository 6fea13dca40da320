// `sparse kafka consume`: messages of a topic, on stdout.
#pragma once

#include "sparse-cli/kafka/arguments.h"

namespace sparse::cli {

int run_kafka_consume(const KafkaConsumeArguments& arguments);

}  // namespace sparse::cli
