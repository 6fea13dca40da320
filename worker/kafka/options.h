// What a topology file says of a Kafka spout or sink, with types and defaults. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/topology/topology.h"
#include "worker/kafka/handle.h"

namespace sparse::kafka {

enum class Start { earliest, latest, uncommitted_earliest, uncommitted_latest, timestamp };
enum class Guarantee { at_least_once, at_most_once, none };
enum class Format { string, bytes, json };
enum class Nulls { emit, skip, fail };

/// How to reach the brokers.
struct Connection {
  bool embedded = false;  ///< then `bootstrap.servers` is still to be set
  Properties properties = {};
};

struct SpoutOptions {
  Connection connection = {};
  std::vector<std::string> topics = {};
  std::string pattern = {};  ///< a regular expression; empty: `topics`
  std::string group = {};
  Start start = Start::uncommitted_earliest;
  std::int64_t start_at = 0;  ///< Start::timestamp: milliseconds since 1970, or before now if negative
  Guarantee guarantee = Guarantee::at_least_once;
  std::vector<std::string> fields = {"value"};
  Format format = Format::string, key_format = Format::string;
  Nulls nulls = Nulls::emit;
  std::int64_t max_uncommitted = 1'000'000;
  std::int64_t prefetch = 16'384;  ///< KiB
  Nanoseconds commit_interval = kSecond, refresh_interval = 2 * kSecond;
  bool until_end = false;
  std::string dead_letter = {};  ///< a topic
};

struct SinkOptions {
  Connection connection = {};
  std::string topic = {}, topic_field = {};
  std::string key = {}, value = {}, headers = {}, partition = {};  ///< fields
  bool acked = true;                                               ///< by delivery; false: when it is queued
};

/// Whether brokers take this name for a topic.
bool is_topic_name(std::string_view name);

/// Secrets stay what they are: checks and reading go without them, so `resolve` is for who connects. An error says by `about`
/// which option it means.
Result<SpoutOptions> read_spout_options(const topology::Component& component, std::string_view topology, bool resolve);
/// `message_timeout`: the topology's, in milliseconds, which a delivery has to keep within; 0: none.
Result<SinkOptions> read_sink_options(const topology::Component& component, std::int64_t message_timeout, bool resolve);

/// Which of the given properties a message of librdkafka speaks of, by whatever name; empty: none that is known.
std::string property_meant(std::string_view message, const Properties& given);

/// `@-90s`, `@-1h`, `@-2d`: before now (negative); `@1700000000000`: milliseconds since 1970.
std::optional<std::int64_t> read_time(std::string_view text);

}  // namespace sparse::kafka
