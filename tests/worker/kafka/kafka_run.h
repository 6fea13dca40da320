// A topology with Kafka components on the real engine, against the embedded broker. Loops have threads here: brokers take time.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "core/base/clock.h"
#include "tests/support/function_components.h"
#include "tests/support/topology_builder.h"
#include "worker/kafka/kafka_sink.h"
#include "worker/kafka/kafka_spout.h"

namespace sparse::kafka {

/// Keeps what is logged, from any thread.
class SharedLog final : public Log {
 public:
  void write(const LogEntry& entry) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(entry.text);
  }
  std::size_t count(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count_if(lines_, [&](const std::string& line) { return line.find(text) != line.npos; }));
  }
  std::string all() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Makes what a test says, with the second face where there is one.
class PartsFactory final : public worker::ComponentFactory {
 public:
  std::map<std::string, std::function<std::unique_ptr<Bolt>()>> bolts;
  std::map<std::string, std::function<std::unique_ptr<Spout>()>> spouts;

  Result<ComponentSpec> describe(const topology::Component&) override { return ComponentSpec{}; }
  Result<worker::MadeComponent> make(const topology::Topology&, const topology::Component& component) override {
    worker::MadeComponent made;
    if (component.is_spout)
      made.spout = spouts.at(component.id)();
    else
      made.bolt = bolts.at(component.id)();
    made.external =
        component.is_spout ? dynamic_cast<worker::External*>(made.spout.get()) : dynamic_cast<worker::External*>(made.bolt.get());
    return made;
  }
  Result<std::unique_ptr<Grouping>> make_grouping(const topology::Implementation&) override { return Error{"none"}; }
};

/// One broker and what stands in it; runs come and go.
class KafkaRun : public testing::Test {
 protected:
  using Texts = std::vector<std::string>;

  KafkaRun() {
    auto started = EmbeddedBroker::start({});
    EXPECT_TRUE(started);
    broker = std::move(*started);
  }

  void create(const std::string& topic, int partitions) { ASSERT_TRUE(broker->create_topic(topic, partitions)); }

  /// Writes values, and waits until they are there.
  void write(const std::string& topic, const Texts& values, std::int32_t partition = 0) {
    auto writer = Producer::create({{"bootstrap.servers", broker->address()}, {"linger.ms", "0"}}, {});
    ASSERT_TRUE(writer);
    for (const std::string& value : values)
      ASSERT_EQ((*writer)->produce({.topic = topic, .partition = partition, .key = "key", .value = value}).code, kNoError);
    std::size_t delivered = 0;
    for (int i = 0; i < 200 && delivered < values.size(); ++i)
      (*writer)->poll(std::chrono::milliseconds(50), [&](const Delivery& each) {
        EXPECT_FALSE(each.failure) << each.failure->text;
        ++delivered;
      });
    ASSERT_EQ(delivered, values.size());
  }

  std::unique_ptr<Consumer> consumer(const std::string& group = "test") {
    auto made =
        Consumer::create({{"bootstrap.servers", broker->address()}, {"group.id", group}, {"fetch.wait.max.ms", "10"}}, {});
    EXPECT_TRUE(made);
    return std::move(*made);
  }

  struct Read {
    std::string key, value;
    std::map<std::string, std::string> headers;
  };
  /// All that a partition has, once it has so many.
  std::vector<Read> read(const std::string& topic, std::size_t count, std::int32_t partition = 0) {
    std::vector<Read> found;
    const auto reading = consumer();
    auto reader = reading->start(topic, partition, kBeginning, -1);
    EXPECT_TRUE(reader);
    for (int i = 0; i < 200 && found.size() < count; ++i) {
      Message messages[16];
      const std::size_t taken = (*reader)->take(messages);
      for (std::size_t k = 0; k < taken; ++k) {
        if (messages[k].failed()) continue;
        Read one{.key = std::string(messages[k].key().value_or("")),
                 .value = std::string(messages[k].value().value_or("")),
                 .headers = {}};
        for (const Header& header : messages[k].headers()) one.headers[std::string(header.name)] = header.value.value_or("");
        found.push_back(std::move(one));
      }
      if (taken == 0) reading->poll(std::chrono::milliseconds(20));
    }
    return found;
  }

  std::int64_t committed(const std::string& topic, std::int32_t partition = 0, const std::string& group = "test") {
    const auto found = consumer(group)->committed({{.topic = topic, .partition = partition}}, std::chrono::seconds(10));
    EXPECT_TRUE(found) << found.error().message;
    return found ? found->front().offset : kNoOffset;
  }

  /// As somebody else in the group, who says who it is.
  void commit_as(const std::string& topic, std::int64_t offset, const Identity& identity, const std::string& group = "test") {
    const auto other = consumer(group);
    ASSERT_TRUE(other->commit({{.topic = topic, .partition = 0, .offset = offset, .metadata = commit_metadata(identity, 1)}}));
    std::optional<std::vector<PartitionOffset>> outcome;
    for (int i = 0; i < 100 && !outcome; ++i) outcome = other->poll(std::chrono::milliseconds(100));
    ASSERT_TRUE(outcome);
  }

  std::string metadata(const std::string& topic, const std::string& group = "test") {
    const auto found = consumer(group)->committed({{.topic = topic, .partition = 0}}, std::chrono::seconds(10));
    return found ? found->front().metadata : "";
  }

  topology::Component& spout(Value::Map options, std::uint32_t tasks = 1, std::vector<std::string> fields = {"value"}) {
    options.emplace_back("brokers", broker->address());
    options.emplace_back("properties", Value::Map{{"fetch.wait.max.ms", 10}});
    options.emplace_back("commit-interval", "50ms");
    builder = {};
    factory.bolts.clear();
    builder.spout("in", std::move(fields), tasks);
    builder.last().options = Value(std::move(options));
    factory.spouts["in"] = [this] { return std::make_unique<KafkaSpout>(clients, figures); };
    return builder.last();
  }

  void bolt(test::FunctionBolt::Function execute) {
    builder.bolt("bolt", {}, {test::TopologyBuilder::shuffle("in")});
    factory.bolts["bolt"] = [execute] { return std::make_unique<test::FunctionBolt>(test::BoltCalls{.execute = execute}); };
  }

  /// A bolt that keeps the first value of each tuple.
  void keep() {
    seen.clear();
    bolt([this](const Tuple& tuple, Output&) {
      const std::lock_guard lock(mutex);
      seen.emplace_back(tuple[0].is_null() ? "null" : tuple.string(0));
    });
  }

  void sink(Value::Map options, const std::string& from) {
    options.emplace_back("brokers", broker->address());
    builder.bolt("out", {}, {test::TopologyBuilder::shuffle(from)});
    builder.last().options = Value(std::move(options));
    builder.last().manual_ack = true;
    factory.bolts["out"] = [this] { return std::make_unique<KafkaSink>(clients, figures); };
  }

  /// Runs until it ends by itself, or until `enough` says so and it has drained. False if that takes two minutes: that finds
  /// hangs, not slowness.
  bool run(const std::function<bool()>& enough = {}) {
    worker::WorkerOptions options;
    options.clock = &clock;
    options.log = &log;
    options.factory = &factory;
    options.placement = worker::place(builder.topology, 1, 2);
    auto made = worker::Worker::create(builder.topology, std::move(options));
    EXPECT_TRUE(made) << made.error().message;
    if (!made) return false;
    worker::Worker& running = **made;
    running.start();
    bool drains = false;
    for (int i = 0; i < 2400; ++i) {
      if (running.wait(50 * kMillisecond)) {
        failure = running.failure() ? running.failure()->message : "";
        return true;
      }
      if (!drains && enough && enough()) {
        drains = true;
        running.drain();
      }
    }
    ADD_FAILURE() << "it does not end; the log:\n" << log.all();
    return false;
  }
  std::size_t seen_count() {
    const std::lock_guard lock(mutex);
    return seen.size();
  }
  std::multiset<std::string> seen_set() {
    const std::lock_guard lock(mutex);
    return {seen.begin(), seen.end()};
  }

  std::unique_ptr<EmbeddedBroker> broker;
  std::shared_ptr<Clients> clients = std::make_shared<Clients>(7);
  std::shared_ptr<worker::FigureBoard> figures = std::make_shared<worker::FigureBoard>();
  SystemClock clock;
  SharedLog log;
  PartsFactory factory;
  test::TopologyBuilder builder;
  std::mutex mutex;
  Texts seen;
  std::string failure;
};

inline std::vector<std::string> numbered(int from, int to) {
  std::vector<std::string> texts;
  for (int i = from; i < to; ++i) texts.push_back(std::to_string(i));
  return texts;
}

}  // namespace sparse::kafka
