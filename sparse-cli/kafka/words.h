// Words of `sparse kafka` command lines: offsets, times, topics with partitions, separators, properties. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace sparse::cli {

/// What -b says, as far as that can be seen without asking anybody: `HOST:PORT,…`, or with one of librdkafka's protocols.
Result<bool> check_brokers(std::string_view word);

/// `lines:4`
struct TopicSpec {
  std::string topic;
  int partitions = 0;
  bool operator==(const TopicSpec&) const = default;
};
Result<TopicSpec> parse_topic_spec(std::string_view word);

/// `FILE:TOPIC`; the last colon counts.
struct LoadSpec {
  std::string file, topic;
  bool operator==(const LoadSpec&) const = default;
};
Result<LoadSpec> parse_load_spec(std::string_view word);

/// What Kafka takes as the name of a topic; else why not.
Result<bool> check_topic_name(std::string_view name);

/// Where in a partition.
struct Position {
  enum class Kind { start, end, last, offset, time };
  Kind kind = Kind::start;
  std::int64_t number = 0;  ///< last: how many; offset; time: milliseconds since 1970
  bool operator==(const Position&) const = default;
};
/// `start` or `earliest`, `end` or `latest`, `-N`, `N`, `@TIME`; `now` in milliseconds since 1970.
Result<Position> parse_position(std::string_view word, std::int64_t now);

/// What follows the `@`: `-90s`, `-1h`, `-2d` before `now`; `2026-11-25`, `2026-11-25T10:00`, `2026-11-25T10:00:05Z`,
/// `…+01:00` (without a zone: local time); or milliseconds since 1970.
Result<std::int64_t> parse_time(std::string_view word, std::int64_t now);

/// `\t`, `\n`, `\\`, `\0` and `\xHH` are what they mean in C; anything else stands for itself.
Result<std::string> parse_separator(std::string_view word);

/// `NAME=VALUE`, added to what is there. An error never shows the value.
Result<bool> add_property(std::string_view word, std::map<std::string, std::string, std::less<>>& properties);
/// Lines `NAME=VALUE`; empty ones and those that begin with # are left out. `file` is for errors.
Result<bool> add_properties(std::string_view text, std::string_view file,
                            std::map<std::string, std::string, std::less<>>& properties);

/// `NAME=VALUE` of a header; the value may be empty.
Result<std::pair<std::string, std::string>> parse_header(std::string_view word);

/// A line of input: with a separator, what stands before its first one is the key.
struct KeyedLine {
  std::string_view key = {}, value = {};
  bool has_key = false;
};
KeyedLine split_key(std::string_view line, std::string_view separator);

}  // namespace sparse::cli
