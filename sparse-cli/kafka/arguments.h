// What the command line says after `sparse kafka VERB`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sparse::cli {

/// How to reach the brokers.
struct KafkaConnection {
  std::string brokers = {};                  ///< `-b`
  std::vector<std::string> properties = {};  ///< `-X NAME=VALUE`, librdkafka's
  std::string properties_file = {};          ///< `--properties FILE`
  double timeout = 10;                       ///< seconds until the brokers have to answer
};

struct KafkaServeArguments {
  std::vector<std::string> topics = {};  ///< `TOPIC:PARTITIONS`
  std::vector<std::string> loads = {};   ///< `FILE:TOPIC`
};

struct KafkaProduceArguments {
  KafkaConnection connection = {};
  std::string topic = {};
  std::optional<std::int32_t> partition = {};
  std::vector<std::string> headers = {};      ///< `-H NAME=VALUE`
  std::optional<std::string> separator = {};  ///< `-K`, with escapes; absent: lines have no key
  bool null_values = false;                   ///< empty values are null
};

struct KafkaConsumeArguments {
  KafkaConnection connection = {};
  std::string topic = {};
  std::optional<std::int32_t> partition = {};
  std::string offset = "start";
  std::optional<std::uint64_t> count = {};
  bool stop_at_end = false;
  bool keys = false;
  bool json = false;
};

struct KafkaOffsetsArguments {
  KafkaConnection connection = {};
  std::string file = {};  ///< a topology file
  std::string pick = {};  ///< `-n`: its name
  std::string group = {};
  std::string topic = {};
  std::optional<std::int32_t> partition = {};
  std::string set = {};
  bool json = false;
  std::vector<std::string> filters = {};
  std::vector<std::string> variables = {};
  bool env_filter = false;
};

struct KafkaReplayArguments {
  KafkaConnection connection = {};
  std::string topic = {};
  std::string group = {};  ///< empty: `sparse-replay-TOPIC`
  bool dry_run = false;
};

}  // namespace sparse::cli
