// `sparse kafka serve`: the embedded broker, until Ctrl-C.
#pragma once

#include "sparse-cli/kafka/arguments.h"

namespace sparse::cli {

int run_kafka_serve(const KafkaServeArguments& arguments);

}  // namespace sparse::cli
