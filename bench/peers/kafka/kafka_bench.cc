// Bare librdkafka loops that the Kafka cases are held against, and what these cases need of a broker. One JSON object on stdout.
#include "consuming.h"
#include "latency.h"
#include "producing.h"
#include "topics.h"

namespace {

constexpr const char* kUsage =
    "usage: kafka_bench COMMAND BROKERS TOPIC …\n"
    "  create PARTITIONS [KEY=VALUE…]              delete            count\n"
    "  fill COUNT SIZE [KEY=VALUE…]                fill-lines FILE ROUNDS [KEY=VALUE…]\n"
    "  produce SECONDS SIZE KEYS [KEY=VALUE…]      consume [KEY=VALUE…]\n"
    "  latency TOPIC RATE SECONDS WARM             messages go to the first topic and have to come back in the second\n";

struct Words {
  std::vector<std::string> all;
  std::size_t at = 0;

  std::string next() {
    if (at == all.size()) fail(kUsage);
    return all[at++];
  }
  std::uint64_t number() { return std::stoull(next()); }
  double real() { return std::stod(next()); }
  /// All that is left, as KEY=VALUE.
  Properties properties() {
    Properties found;
    while (at < all.size()) {
      const std::string word = next();
      const std::size_t equals = word.find('=');
      if (equals == word.npos) fail(word + " is not KEY=VALUE");
      found.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    return found;
  }
};

void run(Words words) {
  const std::string command = words.next(), brokers = words.next(), name = words.next();
  if (command == "create") {
    const auto partitions = static_cast<int>(words.number());
    create_topic(brokers, name, partitions, words.properties());
  } else if (command == "delete") {
    delete_topic(brokers, name);
  } else if (command == "count") {
    count_messages(brokers, name);
  } else if (command == "consume") {
    consume_all(brokers, name, words.properties());
  } else if (command == "produce") {
    const double seconds = words.real();
    const std::size_t size = words.number(), keys = words.number();
    produce_for(brokers, name, seconds, size, keys, words.properties());
  } else if (command == "fill") {
    const std::uint64_t count = words.number();
    const std::size_t size = words.number();
    fill(brokers, name, count, size, words.properties());
  } else if (command == "fill-lines") {
    const std::string file = words.next();
    const auto rounds = static_cast<int>(words.number());
    fill_with_lines(brokers, name, file, rounds, words.properties());
  } else if (command == "latency") {
    const std::string out = words.next();
    const double rate = words.real(), seconds = words.real(), warm = words.real();
    LatencyProbe(brokers, name, out, rate, seconds, warm).run();
  } else {
    fail(kUsage);
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    run({.all = {words + 1, words + count}});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kafka_bench: %s\n", error.what());
    return 1;
  }
}
