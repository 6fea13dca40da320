#include "sparse-cli/kafka/options.h"

#include <CLI/CLI.hpp>

#include "sparse-cli/option_checks.h"

namespace sparse::cli {
namespace {

void add_connection(CLI::App& app, KafkaConnection& connection, bool required) {
  CLI::Option* brokers =
      app.add_option("-b,--brokers", connection.brokers,
                     required ? "the brokers to begin with" : "the brokers; without a topology file, or instead of its own")
          ->type_name("HOST:PORT,...");
  if (required) brokers->required();
  app.add_option("-X,--property", connection.properties, "a property of librdkafka, as in security.protocol=ssl; may be repeated")
      ->type_name("NAME=VALUE");
  app.add_option("--properties", connection.properties_file,
                 "a file of such properties, one a line: the place for passwords, which other users see in a command line")
      ->type_name("FILE");
  app.add_option("--timeout", connection.timeout, "how long to try to reach the brokers; by default 10")
      ->type_name("SECONDS")
      ->check(seconds_between(0.1, 86400));
}

CLI::Option* add_topic(CLI::App& app, std::string& topic, const char* summary) {
  return app.add_option("-t,--topic", topic, summary)->type_name("TOPIC");
}

void add_partition(CLI::App& app, std::optional<std::int32_t>& partition, const char* summary) {
  app.add_option("-p,--partition", partition, summary)->type_name("N")->check(whole_number(0, 1'000'000));
}

}  // namespace

void add_kafka_serve(CLI::App& app, KafkaServeArguments& serve) {
  app.add_option("--topic", serve.topics,
                 "create a topic with so many partitions; may be repeated. Others get 4 when first asked for")
      ->type_name("TOPIC:PARTITIONS");
  app.add_option("--load", serve.loads, "write the lines of a file into a topic; may be repeated")->type_name("FILE:TOPIC");
}

void add_kafka_produce(CLI::App& app, KafkaProduceArguments& produce) {
  add_connection(app, produce.connection, true);
  add_topic(app, produce.topic, "where the lines go")->required();
  add_partition(app, produce.partition, "all into this partition; by default by the key, without one at random");
  app.add_option("-K,--key-separator", produce.separator, "what stands between key and value in a line, as in : or \\t")
      ->type_name("SEPARATOR");
  app.add_option("-H,--header", produce.headers, "a header of every message; may be repeated")->type_name("NAME=VALUE");
  app.add_flag("--null", produce.null_values, "empty values are null, which deletes a key of a compacted topic");
}

void add_kafka_consume(CLI::App& app, KafkaConsumeArguments& consume) {
  add_connection(app, consume.connection, true);
  add_topic(app, consume.topic, "what to read")->required();
  add_partition(app, consume.partition, "this partition alone; by default all");
  app.add_option("-o,--offset", consume.offset,
                 "start (the default), end, -N (the last N of each partition), N, or a time: @-1h, @2026-11-25T10:00")
      ->type_name("OFFSET");
  app.add_option("-c,--count", consume.count, "stop after so many messages")
      ->type_name("N")
      ->check(whole_number(0, 1'000'000'000'000));
  app.add_flag("-e,--stop-at-end", consume.stop_at_end, "stop at what is the end now");
  app.add_flag("--keys", consume.keys, "key, tab, value");
  app.add_flag("--json", consume.json, "one object a line, with topic, partition, offset, key, value, timestamp, headers");
}

void add_kafka_offsets(CLI::App& app, KafkaOffsetsArguments& offsets) {
  app.add_option("FILE", offsets.file, "the topology file; by default the only one here, or in topologies/");
  app.add_option("-n", offsets.pick,
                 "without FILE: the topology NAME: a NAME.yaml here or in topologies/, or a file with that name in it")
      ->type_name("NAME");
  app.add_option("--set", offsets.set, "set them, if nothing runs on the group: earliest, latest, N, -N, or a time: @-1h")
      ->type_name("OFFSET");
  app.add_option("-g,--group", offsets.group, "the group; by default the topology's")->type_name("GROUP");
  add_topic(app, offsets.topic, "this topic alone; needed without a topology file");
  add_partition(app, offsets.partition, "this partition alone");
  add_connection(app, offsets.connection, false);
  app.add_option("--filter", offsets.filters, "a file of properties, for ${name} in the topology file; may be repeated")
      ->type_name("FILE");
  app.add_flag("--env-filter", offsets.env_filter, "substitute ${ENV-NAME} by the environment");
  app.add_option("--var", offsets.variables, "a value for ${KEY}; may be repeated")->type_name("KEY=VALUE");
  app.add_flag("--json", offsets.json, "one object, with the group and its partitions");
}

void add_kafka_replay(CLI::App& app, KafkaReplayArguments& replay) {
  app.add_option("TOPIC", replay.topic, "the topic of the dead letters")->required();
  add_connection(app, replay.connection, true);
  app.add_option("-g,--group", replay.group, "the group that remembers how far it came; by default sparse-replay-TOPIC")
      ->type_name("GROUP");
  app.add_flag("--dry-run", replay.dry_run, "say what would go where, and send nothing");
}

}  // namespace sparse::cli
