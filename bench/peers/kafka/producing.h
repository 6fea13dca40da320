// A bare producer loop, and topics that are filled by it.
#pragma once

#include <fstream>

#include "client.h"

/// Produces and counts deliveries; whoever calls it decides how much.
class ProducerLoop {
 public:
  ProducerLoop(const std::string& brokers, const std::string& name, const Properties& properties)
      : client_(client(RD_KAFKA_PRODUCER, brokers, properties,
                       [this](rd_kafka_conf_t* conf) {
                         rd_kafka_conf_set_opaque(conf, this);
                         rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
                           auto* loop = static_cast<ProducerLoop*>(self);
                           ++(message->err ? loop->failed_ : loop->delivered_);
                         });
                       })),
        topic_(topic(client_, name)) {}

  void produce(std::string_view value, std::string_view key = {}) {
    while (rd_kafka_produce(topic_.get(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                            value.size(), key.empty() ? nullptr : key.data(), key.size(), nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) check(rd_kafka_last_error(), "produce");
      rd_kafka_poll(client_.get(), 10);
    }
    if (++sent_ % 1000 == 0) rd_kafka_poll(client_.get(), 0);
  }
  /// Waits until all is delivered.
  void finish() {
    check(rd_kafka_flush(client_.get(), 60'000), "flush");
    if (failed_ > 0 || delivered_ != sent_) fail(std::to_string(sent_ - delivered_) + " messages were not delivered");
  }
  std::uint64_t delivered() const { return delivered_; }

 private:
  std::uint64_t sent_ = 0, delivered_ = 0, failed_ = 0;
  const Client client_;
  const Topic topic_;
};

inline void say(std::uint64_t messages, double seconds) {
  std::printf("{\"messages\": %llu, \"seconds\": %.6f}\n", static_cast<unsigned long long>(messages), seconds);
}

/// As many messages of a size as are delivered in this time, the last one included; with so many keys in turn, if any.
inline void produce_for(const std::string& brokers, const std::string& name, double seconds, std::size_t size,
                        std::size_t key_count, const Properties& properties) {
  const std::string value(size, 'x');
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < key_count; ++i) keys.push_back(std::to_string(100'000 + i));
  std::size_t next = 0;
  const double start = now();
  ProducerLoop loop(brokers, name, properties);
  while (now() - start < seconds)
    for (int i = 0; i < 100; ++i) loop.produce(value, keys.empty() ? std::string_view() : keys[next++ % keys.size()]);
  loop.finish();
  say(loop.delivered(), now() - start);
}

inline void fill(const std::string& brokers, const std::string& name, std::uint64_t count, std::size_t size,
                 const Properties& properties) {
  const std::string value(size, 'x');
  const double start = now();
  ProducerLoop loop(brokers, name, properties);
  for (std::uint64_t i = 0; i < count; ++i) loop.produce(value);
  loop.finish();
  say(count, now() - start);
}

/// The lines of a text, over and over; blank ones are left out, white space at both ends is cut off.
inline void fill_with_lines(const std::string& brokers, const std::string& name, const std::string& path, int rounds,
                            const Properties& properties) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find_first_not_of(" \t\r\f\v");
    if (first != std::string::npos) lines.push_back(line.substr(first, line.find_last_not_of(" \t\r\f\v") - first + 1));
  }
  if (lines.empty()) fail("no lines in " + path);
  const double start = now();
  ProducerLoop loop(brokers, name, properties);
  for (int i = 0; i < rounds; ++i)
    for (const std::string& line : lines) loop.produce(line);
  loop.finish();
  say(loop.delivered(), now() - start);
}
