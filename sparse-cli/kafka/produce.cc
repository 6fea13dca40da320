#include "sparse-cli/kafka/produce.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "sparse-cli/figures.h"
#include "sparse-cli/kafka/connection.h"
#include "sparse-cli/kafka/deliveries.h"
#include "sparse-cli/kafka/line_splitter.h"
#include "sparse-cli/kafka/progress.h"
#include "sparse-cli/kafka/words.h"

namespace sparse::cli {
namespace {

using Milliseconds = std::chrono::milliseconds;

class Production {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  Production(const KafkaProduceArguments& arguments, std::string separator, Headers headers, kafka::Producer& producer,
             const Talk& talk)
      : arguments_(arguments),
        separator_(std::move(separator)),
        header_texts_(std::move(headers)),
        producer_(producer),
        talk_(talk),
        deliveries_("line", [this](std::string_view text) {
          progress_.erase();
          talk_.say(text);
        }) {
    for (const auto& [name, value] : header_texts_) headers_.push_back({name, value});
  }

  int run(int partitions) {
    if (arguments_.partition && *arguments_.partition >= partitions)
      return talk_.stop({kUsage, fmt::format("topic {} has the partitions 0 to {}, and no {}", arguments_.topic, partitions - 1,
                                             *arguments_.partition)});
    const Nanoseconds start = SystemClock().now();
    talk_.be_loud();
    read_all();
    finish();
    progress_.erase();
    return sum_up(SystemClock().now() - start);
  }

 private:
  /// A second request to stop gives up what is under way.
  bool wanted() const { return signals_.asked() == 0 && !producer_.broken() && trouble_.empty(); }

  void read_all() {
    LineSplitter lines;
    std::array<char, 65536> piece;
    while (wanted()) {
      pollfd input = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
      if (::poll(&input, 1, 50) > 0) {
        const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
        if (count == 0) break;
        if (count < 0 && errno != EINTR && errno != EAGAIN)
          trouble_ = fmt::format("stdin cannot be read: {}", std::strerror(errno));
        if (count > 0) lines.append({piece.data(), static_cast<std::size_t>(count)});
        while (auto line = lines.next()) {
          send(*line);
          if (!wanted()) return;
        }
        if (lines.too_long()) trouble_ = fmt::format("line {} is longer than 64 MiB: it is no message", sent_ + 1);
      }
      take_deliveries(Milliseconds(0));
      show_progress();
    }
    if (const auto line = lines.rest(); line && wanted()) send(*line);
  }

  void send(std::string_view line) {
    const std::uint64_t number = ++sent_;
    const KeyedLine parts = split_key(line, separator_);
    if (!separator_.empty() && !parts.has_key) ++without_key_;
    kafka::Record record{.topic = arguments_.topic, .partition = arguments_.partition.value_or(-1), .value = parts.value};
    if (parts.has_key) record.key = parts.key;
    record.headers = headers_;
    record.about = Deliveries::about(number);
    if (arguments_.null_values && parts.value.empty()) record.value = std::nullopt;
    while (true) {
      const kafka::Failure failure = producer_.produce(record);
      if (failure.code == kafka::kNoError) return;
      if (failure.code != kafka::kQueueFull) return deliveries_.on_refusal(number, failure);
      if (signals_.asked() > 1 || producer_.broken()) return deliveries_.on_refusal(number, failure);
      take_deliveries(Milliseconds(50));
      show_progress();
    }
  }

  bool take_deliveries(Milliseconds at_most) {
    const auto take = [this](const kafka::Delivery& delivery) { deliveries_.on_delivery(delivery); };
    bool any = false;
    while (producer_.poll(any ? Milliseconds(0) : at_most, take)) any = true;
    return any;
  }

  void finish() {
    const int asked = signals_.asked();
    if (asked > 0 && producer_.waiting() > 0)
      talk_.say(fmt::format("delivering {} that had been read; Ctrl-C gives that up", counted(producer_.waiting(), "message")));
    while (producer_.waiting() > 0 && !producer_.broken() && signals_.asked() <= asked) {
      take_deliveries(Milliseconds(50));
      show_progress();
    }
    if (producer_.waiting() > 0) producer_.purge();
    while (producer_.waiting() > 0 && take_deliveries(Milliseconds(500))) continue;
    take_deliveries(Milliseconds(0));
  }

  void show_progress() {
    progress_.show([this] {
      return fmt::format("sparse kafka produce: {} read, {} delivered{}", grouped(sent_), grouped(deliveries_.delivered()),
                         deliveries_.failed() > 0 ? fmt::format(", {} failed", grouped(deliveries_.failed())) : "");
    });
  }

  int sum_up(Nanoseconds elapsed) {
    if (!trouble_.empty()) talk_.say(trouble_);
    if (without_key_ > 0) talk_.say(fmt::format("{} without a separator went without a key", counted(without_key_, "line")));
    std::vector<std::string> parts;
    for (const auto& [partition, count] : deliveries_.by_partition()) {
      if (parts.size() == 16) break;
      parts.push_back(fmt::format("{}: {}", partition, grouped(count)));
    }
    const bool more = deliveries_.by_partition().size() > parts.size();
    talk_.say(fmt::format("{} of {} delivered to topic {} in {}{}", grouped(deliveries_.delivered()), counted(sent_, "message"),
                          arguments_.topic, time_text(static_cast<std::uint64_t>(elapsed)),
                          parts.empty() ? "" : fmt::format(" (partition {}{})", fmt::join(parts, ", "), more ? ", …" : "")));
    if (deliveries_.failed() > 0) talk_.say(deliveries_.failures_text());
    if (producer_.broken())
      talk_.say("the producer met an error from which it cannot recover: " + bare_error(talk_.last_error()));
    const bool all = deliveries_.delivered() == sent_ && trouble_.empty();
    return all ? 0 : kFailed;
  }

  const KafkaProduceArguments& arguments_;
  const std::string separator_;
  const Headers header_texts_;
  std::vector<kafka::Header> headers_;  // views of them
  kafka::Producer& producer_;
  const Talk& talk_;
  StopSignals signals_;
  Progress progress_;
  Deliveries deliveries_;
  std::string trouble_;
  std::uint64_t sent_ = 0, without_key_ = 0;
};

}  // namespace

int run_kafka_produce(const KafkaProduceArguments& arguments) {
  const Talk talk("produce");
  std::string separator;
  if (arguments.separator) {
    const auto parsed = parse_separator(*arguments.separator);
    if (!parsed) return talk.stop({kUsage, parsed.error().message});
    separator = *parsed;
  }
  std::vector<std::pair<std::string, std::string>> headers;
  for (const std::string& word : arguments.headers) {
    const auto header = parse_header(word);
    if (!header) return talk.stop({kUsage, header.error().message});
    headers.push_back(*header);
  }
  const auto properties = properties_of(arguments.connection);
  if (!properties) return talk.stop({kUsage, properties.error().message});
  if (properties->contains("debug")) talk.show_debug();
  auto producer = kafka::Producer::create(*properties, talk.report());
  if (!producer) return talk.stop({kUsage, producer.error().message});
  int partitions = 0;
  {
    const StopSignals signals;
    const Found found = find_topic(asking(**producer),
                                   {.brokers = arguments.connection.brokers,
                                    .topic = arguments.topic,
                                    .timeout = arguments.connection.timeout,
                                    .may_be_created = true},
                                   talk, signals);
    if (found.stopped) return talk.stop(*found.stopped);
    partitions = found.partitions;
  }
  return Production(arguments, separator, std::move(headers), **producer, talk).run(partitions);
}

}  // namespace sparse::cli
