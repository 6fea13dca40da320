// Open-loop latency through whatever reads one topic and writes another: from when a message is due to when it is read.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "client.h"

/// A message is its number; when it was due follows from that.
class LatencyProbe {
 public:
  LatencyProbe(const std::string& brokers, const std::string& in, const std::string& out, double rate, double seconds,
               double warm)
      : producer_(client(RD_KAFKA_PRODUCER, brokers, {{"linger.ms", "0"}, {"acks", "1"}})),
        consumer_(client(RD_KAFKA_CONSUMER, brokers, {})),
        in_(topic(producer_, in)),
        out_(topic(consumer_, out)),
        queue_(rd_kafka_queue_new(consumer_.get()), &rd_kafka_queue_destroy),
        interval_(1 / rate),
        count_(static_cast<std::int64_t>(rate * (seconds + warm))),
        first_(static_cast<std::int64_t>(rate * warm)) {
    const auto places = ends(consumer_, out);
    for (std::size_t i = 0; i < places.size(); ++i)
      if (rd_kafka_consume_start_queue(out_.get(), static_cast<std::int32_t>(i), places[i].second, queue_.get()) != 0)
        check(rd_kafka_last_error(), "consume");
    partitions_ = places.size();
  }
  ~LatencyProbe() {
    for (std::size_t i = 0; i < partitions_; ++i) rd_kafka_consume_stop(out_.get(), static_cast<std::int32_t>(i));
  }

  void run() {
    wait_until_it_answers();
    start_ = now() + 0.05;
    std::thread sending([this] { send(); });
    receive();
    sending.join();
    print();
  }

 private:
  void produce(std::int64_t number) {
    const std::string text = std::to_string(number);
    const auto partition = static_cast<std::int32_t>(std::abs(number) % static_cast<std::int64_t>(partitions_));
    if (rd_kafka_produce(in_.get(), partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(text.data()), text.size(), nullptr, 0,
                         nullptr) != 0)
      check(rd_kafka_last_error(), "produce");
    rd_kafka_poll(producer_.get(), 0);
  }

  /// Numbers below zero, until some have come through from each partition, and then until all have.
  void wait_until_it_answers() {
    const auto enough = static_cast<std::int64_t>(2 * partitions_);
    std::int64_t sent = 0, seen = 0;
    for (const double until = now() + 60; now() < until && (seen < enough || seen < sent);) {
      if (seen < enough) produce(-++sent);
      seen += take(100, [](std::int64_t, double) {});
    }
    if (seen < enough || seen < sent) fail(std::to_string(seen) + " of " + std::to_string(sent) + " messages came back");
  }

  void send() {
    for (std::int64_t number = 0; number < count_; ++number) {
      const double due = start_ + static_cast<double>(number) * interval_;
      const auto ahead = std::chrono::duration<double>(due - now());
      if (ahead.count() > 0) std::this_thread::sleep_for(ahead);
      produce(number);
    }
    rd_kafka_flush(producer_.get(), 10'000);
  }

  void receive() {
    std::int64_t left = count_;
    for (double last = now(); left > 0 && now() - last < 30;) {
      const std::int64_t taken = take(100, [this](std::int64_t number, double at) {
        if (number >= first_) times_.push_back(at - (start_ + static_cast<double>(number) * interval_));
      });
      if (taken > 0) last = now();
      left -= taken;
    }
    if (left != 0) fail(std::to_string(left) + " messages did not come through within 30 s");
  }

  template <class Each>
  std::int64_t take(int milliseconds, Each each) {
    std::array<rd_kafka_message_t*, 64> batch;
    const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), milliseconds, batch.data(), 1);
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* message = batch[static_cast<std::size_t>(i)];
      check(message->err, "consume");
      each(std::stoll(std::string(static_cast<const char*>(message->payload), message->len)), now());
      rd_kafka_message_destroy(message);
    }
    return std::max<ssize_t>(count, 0);
  }

  void print() {
    std::sort(times_.begin(), times_.end());
    const auto at = [&](double q) { return times_[static_cast<std::size_t>(q * static_cast<double>(times_.size() - 1))] * 1e3; };
    std::printf(
        "{\"messages\": %lld, \"samples\": %zu, \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"p999_ms\": %.4f, \"max_ms\": %.4f}\n",
        static_cast<long long>(count_), times_.size(), at(0.5), at(0.99), at(0.999), at(1));
  }

  const Client producer_, consumer_;
  const Topic in_, out_;
  const Queue queue_;
  const double interval_;
  const std::int64_t count_, first_;
  std::size_t partitions_ = 0;
  double start_ = 0;
  std::vector<double> times_;
};
