// The built-in spouts and bolts: the table.
#include "core/topology/builtins.h"

#include <algorithm>

namespace sparse::topology {
namespace {

constexpr std::string_view kBrokersHelp = "the brokers to begin with, HOST:PORT,…; or `embedded`: one in this process, in memory";
constexpr std::string_view kPropertiesHelp = "further properties of librdkafka, as in {security.protocol: SASL_SSL}";

constexpr std::string_view kPathProperties[] = {"ssl.ca.location",       "ssl.certificate.location", "ssl.key.location",
                                                "ssl.keystore.location", "ssl.crl.location",         "ssl.engine.location",
                                                "sasl.kerberos.keytab"};

std::vector<Key> kafka_spout_options() {
  return {
      {.name = "brokers", .shape = Shape::text, .help = kBrokersHelp, .required = true},
      {.name = "topics", .shape = Shape::text_or_list, .help = "the topics to read"},
      {.name = "topic", .shape = Shape::text_or_list, .help = "the same"},
      {.name = "pattern", .shape = Shape::text, .help = "a regular expression: all topics whose whole name it matches"},
      {.name = "group", .shape = Shape::text, .help = "the group that keeps the offsets; absent: the topology's name"},
      {.name = "start",
       .shape = Shape::text,
       .help = "uncommitted-earliest (the default), uncommitted-latest, earliest, latest, or a time: @-1h, @MILLISECONDS"},
      {.name = "guarantee", .shape = Shape::text, .help = "at-least-once (the default), at-most-once or none"},
      {.name = "fields",
       .shape = Shape::text_list,
       .help = "what to emit, of topic, partition, offset, key, value, timestamp, headers; others are members of a JSON value"},
      {.name = "format", .shape = Shape::text, .help = "of the value: string (the default), bytes or json"},
      {.name = "key-format", .shape = Shape::text, .help = "of the key: string (the default), bytes or json"},
      {.name = "null-values", .shape = Shape::text, .help = "emit (the default), skip or fail"},
      {.name = "max-uncommitted",
       .shape = Shape::integer,
       .help = "so many messages of a partition may be emitted and not committed yet; absent: 1,000,000",
       .least = 1,
       .most = 10'000'000},
      {.name = "prefetch",
       .shape = Shape::integer,
       .help = "KiB that a client fetches ahead, all partitions together; absent: 16384",
       .least = 64,
       .most = 2'000'000},
      {.name = "commit-interval", .shape = Shape::delay, .help = "how often offsets are committed; absent: 1s"},
      {.name = "refresh-interval",
       .shape = Shape::delay,
       .help = "how often new topics and partitions are looked for; absent: 2s"},
      {.name = "until", .shape = Shape::text, .help = "`end`: stop at what was the end at the start; absent: never"},
      {.name = "dead-letter", .shape = Shape::text, .help = "the topic that gets messages that failed for good"},
      {.name = "properties", .shape = Shape::map, .help = kPropertiesHelp, .paths = kPathProperties}};
}

std::vector<Key> kafka_sink_options() {
  return {{.name = "brokers", .shape = Shape::text, .help = kBrokersHelp, .required = true},
          {.name = "topic", .shape = Shape::text, .help = "the topic to write to"},
          {.name = "topic-field", .shape = Shape::text, .help = "the field that names it"},
          {.name = "key", .shape = Shape::text, .help = "the field that is the key; absent: no key"},
          {.name = "value",
           .shape = Shape::text,
           .help = "the field that is the value; absent: the only field, or a JSON list of all"},
          {.name = "headers", .shape = Shape::text, .help = "the field that is a map of headers"},
          {.name = "partition", .shape = Shape::text, .help = "the field that is the partition; absent: by the key"},
          {.name = "guarantee", .shape = Shape::text, .help = "at-least-once (the default), or none: acked when it is queued"},
          {.name = "properties", .shape = Shape::map, .help = kPropertiesHelp, .paths = kPathProperties}};
}

}  // namespace

const std::vector<Builtin>& builtins() {
  static const std::vector<Builtin> table = {
      {.name = "file",
       .is_spout = true,
       .help = "emits the lines of a file",
       .options = {{.name = "path", .shape = Shape::path, .help = "the file", .required = true},
                   {.name = "repeat", .shape = Shape::count_or_forever, .help = "how often to read it, or `forever`", .least = 1},
                   {.name = "follow", .shape = Shape::boolean, .help = "wait for lines that are appended later"}},
       .fields = {"line"}},
      {.name = "stdin", .is_spout = true, .help = "emits the lines of standard input", .fields = {"line"}},
      {.name = "generate",
       .is_spout = true,
       .help = "emits given values",
       .options = {{.name = "value", .shape = Shape::any, .help = "one value, emitted again and again"},
                   {.name = "values", .shape = Shape::list, .help = "values, emitted in turn"},
                   {.name = "count",
                    .shape = Shape::integer,
                    .help = "how many tuples all tasks emit together; absent: no end",
                    .least = 0},
                   {.name = "rate",
                    .shape = Shape::number,
                    .help = "tuples per second, all tasks together; absent: as fast as possible",
                    .least = 0},
                   {.name = "fields", .shape = Shape::text_list, .help = "the fields of its stream; absent: [value]"}},
       .fields = {"value"}},
      {.name = "kafka",
       .is_spout = true,
       .help = "emits the records of Kafka topics",
       .options = kafka_spout_options(),
       .fields = {"value"}},
      {.name = "test_word_spout",
       .is_spout = true,
       .own_key = false,
       .help = "emits words, as Storm's TestWordSpout does",
       .fields = {"word"}},
      {.name = "kafka", .help = "writes records to a Kafka topic", .options = kafka_sink_options()},
      {.name = "file",
       .help = "writes tuples to a file, one a line",
       .options = {{.name = "path", .shape = Shape::path, .help = "the file", .required = true},
                   {.name = "format", .shape = Shape::text, .help = "json (the default) or text"}}},
      {.name = "print", .help = "writes one JSON object a line to standard output"},
      {.name = "log", .help = "logs each tuple"},
      {.name = "discard", .help = "takes tuples and does nothing"},
      {.name = "test_word_counter",
       .own_key = false,
       .help = "counts words, as Storm's TestWordCounter does",
       .fields = {"word", "count"}},
  };
  return table;
}

const Builtin* find_builtin(std::string_view name, bool is_spout) {
  const auto& table = builtins();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Builtin& builtin) { return builtin.name == name && builtin.is_spout == is_spout; });
  return found == table.end() ? nullptr : &*found;
}

std::vector<std::string> builtin_fields(const Builtin& builtin, const Value& options) {
  std::vector<std::string> fields(builtin.fields.begin(), builtin.fields.end());
  if (const Value* given = options.find("fields"))
    if (const auto* list = given->as<Value::List>()) {
      fields.clear();
      for (const Value& field : *list)
        if (const auto* text = field.as<std::string>()) fields.push_back(*text);
    }
  return fields;
}

}  // namespace sparse::topology
