// The options of `sparse kafka VERB`.
#pragma once

#include "sparse-cli/kafka/arguments.h"

namespace CLI {
class App;
}

namespace sparse::cli {

void add_kafka_serve(CLI::App& app, KafkaServeArguments& serve);
void add_kafka_produce(CLI::App& app, KafkaProduceArguments& produce);
void add_kafka_consume(CLI::App& app, KafkaConsumeArguments& consume);
void add_kafka_offsets(CLI::App& app, KafkaOffsetsArguments& offsets);
void add_kafka_replay(CLI::App& app, KafkaReplayArguments& replay);

}  // namespace sparse::cli
