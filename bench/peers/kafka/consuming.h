// A bare consumer loop: what a topic has, as fast as librdkafka hands it out.
#pragma once

#include <array>

#include "client.h"

/// All partitions from their first message to what is their end at the start; nothing is kept and nothing committed.
inline void consume_all(const std::string& brokers, const std::string& name, const Properties& properties) {
  const double start = now();
  const Client consumer = client(RD_KAFKA_CONSUMER, brokers, properties);
  const Topic about = topic(consumer, name);
  const Queue queue(rd_kafka_queue_new(consumer.get()), &rd_kafka_queue_destroy);
  const auto places = ends(consumer, name);
  std::int64_t left = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    left += places[i].second - places[i].first;
    if (rd_kafka_consume_start_queue(about.get(), static_cast<std::int32_t>(i), places[i].first, queue.get()) != 0)
      check(rd_kafka_last_error(), "consume");
  }
  const std::int64_t wanted = left;
  std::uint64_t bytes = 0;
  std::array<rd_kafka_message_t*, 1024> batch;
  while (left > 0) {
    const ssize_t count = rd_kafka_consume_batch_queue(queue.get(), 1000, batch.data(), batch.size());
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* message = batch[static_cast<std::size_t>(i)];
      check(message->err, "consume");
      bytes += message->len;
      rd_kafka_message_destroy(message);
    }
    left -= std::max<ssize_t>(count, 0);
  }
  std::printf("{\"messages\": %lld, \"bytes\": %llu, \"seconds\": %.6f}\n", static_cast<long long>(wanted),
              static_cast<unsigned long long>(bytes), now() - start);
  for (std::size_t i = 0; i < places.size(); ++i) rd_kafka_consume_stop(about.get(), static_cast<std::int32_t>(i));
}
