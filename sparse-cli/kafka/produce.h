// `sparse kafka produce`: lines of stdin become messages.
#pragma once

#include "sparse-cli/kafka/arguments.h"

namespace sparse::cli {

int run_kafka_produce(const KafkaProduceArguments& arguments);

}  // namespace sparse::cli
