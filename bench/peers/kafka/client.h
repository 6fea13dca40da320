// What all commands of kafka_bench share: clients of librdkafka, and words for what went wrong.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using Properties = std::vector<std::pair<std::string, std::string>>;
using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
using Topic = std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)>;
using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;

inline double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

[[noreturn]] inline void fail(const std::string& what) { throw std::runtime_error(what); }

inline void check(rd_kafka_resp_err_t error, const std::string& what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail(what + ": " + rd_kafka_err2str(error));
}

/// `properties` win over librdkafka's own; `prepare` sets callbacks.
template <class Prepare>
Client client(rd_kafka_type_t type, const std::string& brokers, const Properties& properties, Prepare prepare) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) fail(text);
  };
  set("bootstrap.servers", brokers);
  for (const auto& [name, value] : properties) set(name, value);
  prepare(conf);
  rd_kafka_t* made = rd_kafka_new(type, conf, text, sizeof text);
  if (!made) fail(text);
  return {made, &rd_kafka_destroy};
}
inline Client client(rd_kafka_type_t type, const std::string& brokers, const Properties& properties) {
  return client(type, brokers, properties, [](rd_kafka_conf_t*) {});
}

inline Topic topic(const Client& of, const std::string& name) {
  rd_kafka_topic_t* made = rd_kafka_topic_new(of.get(), name.c_str(), nullptr);
  if (!made) fail("topic " + name + ": " + rd_kafka_err2str(rd_kafka_last_error()));
  return {made, &rd_kafka_topic_destroy};
}

/// First and next offset of each partition.
inline std::vector<std::pair<std::int64_t, std::int64_t>> ends(const Client& of, const std::string& name) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const Topic about = topic(of, name);
  check(rd_kafka_metadata(of.get(), 0, about.get(), &metadata, 10'000), "metadata of " + name);
  const int partitions = metadata->topic_cnt > 0 ? metadata->topics[0].partition_cnt : 0;
  rd_kafka_metadata_destroy(metadata);
  if (partitions == 0) fail("there is no topic " + name);
  std::vector<std::pair<std::int64_t, std::int64_t>> found(static_cast<std::size_t>(partitions));
  for (int i = 0; i < partitions; ++i) {
    auto& [low, high] = found[static_cast<std::size_t>(i)];
    check(rd_kafka_query_watermark_offsets(of.get(), name.c_str(), i, &low, &high, 10'000), "offsets of " + name);
  }
  return found;
}
