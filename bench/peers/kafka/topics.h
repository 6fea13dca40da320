// Topics come and go, and say how much is in them.
#pragma once

#include <thread>

#include "client.h"

/// Waits for the result of the one request that was made.
inline void finish(rd_kafka_queue_t* queue, const std::string& what) {
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20'000);
  if (!event) fail(what + ": the brokers do not answer");
  auto error = rd_kafka_event_error(event);
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results = nullptr;
  if (const auto* created = rd_kafka_event_CreateTopics_result(event))
    results = rd_kafka_CreateTopics_result_topics(created, &count);
  if (const auto* deleted = rd_kafka_event_DeleteTopics_result(event))
    results = rd_kafka_DeleteTopics_result_topics(deleted, &count);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && count > 0) error = rd_kafka_topic_result_error(results[0]);
  rd_kafka_event_destroy(event);
  check(error, what);
}

inline void create_topic(const std::string& brokers, const std::string& name, int partitions, const Properties& properties) {
  const Client admin = client(RD_KAFKA_PRODUCER, brokers, {});
  const Queue queue(rd_kafka_queue_new(admin.get()), &rd_kafka_queue_destroy);
  char text[512];
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(name.c_str(), partitions, 1, text, sizeof text);
  if (!wanted) fail(text);
  for (const auto& [key, value] : properties) rd_kafka_NewTopic_set_config(wanted, key.c_str(), value.c_str());
  rd_kafka_CreateTopics(admin.get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_NewTopic_destroy(wanted);
  finish(queue.get(), "create topic " + name);
  for (int i = 0; i < 200; ++i) {  // until it has leaders
    try {
      if (ends(admin, name).size() == static_cast<std::size_t>(partitions)) break;
    } catch (const std::runtime_error&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  std::printf("{\"partitions\": %zu}\n", ends(admin, name).size());
}

inline void delete_topic(const std::string& brokers, const std::string& name) {
  const Client admin = client(RD_KAFKA_PRODUCER, brokers, {});
  const Queue queue(rd_kafka_queue_new(admin.get()), &rd_kafka_queue_destroy);
  rd_kafka_DeleteTopic_t* unwanted = rd_kafka_DeleteTopic_new(name.c_str());
  rd_kafka_DeleteTopics(admin.get(), &unwanted, 1, nullptr, queue.get());
  rd_kafka_DeleteTopic_destroy(unwanted);
  finish(queue.get(), "delete topic " + name);
  std::printf("{}\n");
}

inline void count_messages(const std::string& brokers, const std::string& name) {
  std::int64_t sum = 0;
  for (const auto& [low, high] : ends(client(RD_KAFKA_CONSUMER, brokers, {}), name)) sum += high - low;
  std::printf("{\"messages\": %lld}\n", static_cast<long long>(sum));
}
