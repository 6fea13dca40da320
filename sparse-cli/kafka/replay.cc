#include "sparse-cli/kafka/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/base/clock.h"
#include "sparse-cli/figures.h"
#include "sparse-cli/kafka/connection.h"
#include "sparse-cli/kafka/dead_letter.h"
#include "sparse-cli/kafka/deliveries.h"
#include "sparse-cli/kafka/positions.h"

namespace sparse::cli {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kPatience{10'000};
constexpr Nanoseconds kSilence = 30 * kSecond;

class Replay {
 public:
  Replay(const KafkaReplayArguments& arguments, std::string group, kafka::Consumer& client, kafka::Producer& producer,
         const Talk& talk)
      : arguments_(arguments),
        group_(std::move(group)),
        client_(client),
        producer_(producer),
        talk_(talk),
        deliveries_("dead letter", [this](std::string_view text) { talk_.say(text); }) {}

  int run() {
    const Wanted wanted{
        .brokers = arguments_.connection.brokers, .topic = arguments_.topic, .timeout = arguments_.connection.timeout};
    const Found found = find_topic(asking(client_), wanted, talk_, signals_);
    if (found.stopped) return talk_.stop(*found.stopped);
    const Ends ends = find_ends(client_, wanted, *chosen_partitions(arguments_.topic, found.partitions, {}), talk_, signals_);
    if (ends.stopped) return talk_.stop(*ends.stopped);
    std::vector<kafka::PartitionOffset> asked;
    for (const PartitionEnds& each : ends.partitions) asked.push_back({.topic = arguments_.topic, .partition = each.partition});
    const auto committed = read_committed(client_, asked, kPatience);
    if (!committed) return talk_.stop({kFailed, fmt::format("group {}: {}", group_, committed.error().message)});
    talk_.be_loud();
    for (const PartitionEnds& each : ends.partitions) {
      std::int64_t from = each.low;
      for (const kafka::PartitionOffset& one : *committed)
        if (one.partition == each.partition && one.offset >= 0) from = std::clamp(one.offset, each.low, each.high);
      if (const auto stopped = replay(each, from)) {
        static_cast<void>(sum_up());
        return talk_.stop(*stopped);
      }
      if (signals_.asked() > 0) break;
    }
    return sum_up();
  }

 private:
  /// One partition after the other: what is committed is all that was delivered.
  std::optional<Stopped> replay(const PartitionEnds& ends, std::int64_t from) {
    if (from >= ends.high) return std::nullopt;
    auto reader = client_.start(arguments_.topic, ends.partition, from, -1);
    if (!reader) return Stopped{kFailed, reader.error().message};
    std::int64_t next = from;
    Nanoseconds heard = SystemClock().now();
    bool done = false;
    while (!done && signals_.asked() == 0) {
      std::array<kafka::Message, 256> messages;
      const std::size_t count = (*reader)->take(messages);
      const std::uint64_t failed = deliveries_.failed();
      for (std::size_t i = 0; i < count && !done; ++i) {
        const kafka::Message& message = messages[i];
        if (message.failed()) {
          const kafka::Failure failure = message.failure();
          done = failure.code == kafka::kPartitionEnd;
          if (failure.code == kafka::kOffsetOutOfRange || failure.code == kafka::kUnknownTopic || failure.fatal)
            return Stopped{kFailed, fmt::format("topic {}, partition {}: {}", arguments_.topic, ends.partition, failure.text)};
          continue;
        }
        if (message.offset() < ends.high) send(ends.partition, message);
        next = message.offset() + 1;
        done = next >= ends.high;
      }
      if (count > 0) {
        heard = SystemClock().now();
        flush();
        if (deliveries_.failed() > failed || signals_.asked() > 0)
          return Stopped{kFailed,
                         "stopped: what is not sent stays where it is, and the next replay takes it again, with up to 256 "
                         "that were sent"};
        if (!arguments_.dry_run)
          if (const auto stopped = commit(ends.partition, next)) return stopped;
      } else if (!done) {
        client_.poll(Milliseconds(20));
        if (SystemClock().now() - heard > kSilence)
          return Stopped{kFailed, fmt::format("topic {}, partition {}: nothing came for 30 s; {}", arguments_.topic,
                                              ends.partition, bare_error(talk_.last_error()))};
      }
    }
    return std::nullopt;
  }

  void send(std::int32_t partition, const kafka::Message& message) {
    const std::vector<kafka::Header> headers = message.headers();
    const auto origin = origin_of(headers);
    if (!origin) {
      if (++foreign_ <= 3)
        talk_.say(fmt::format("partition {}, offset {}: no dead letter of sparse (it has no header sparse-topic): left alone",
                              partition, message.offset()));
      return;
    }
    ++targets_[origin->topic];
    ++sent_;
    if (arguments_.dry_run) return;
    const auto number = static_cast<std::uint64_t>(message.offset());
    const kafka::Record record{.topic = origin->topic,
                               .partition = origin->partition,
                               .key = message.key(),
                               .value = message.value(),
                               .headers = origin->headers,
                               .about = Deliveries::about(number)};
    const auto take = [this](const kafka::Delivery& delivery) { deliveries_.on_delivery(delivery); };
    kafka::Failure failure = producer_.produce(record);
    while (failure.code == kafka::kQueueFull && signals_.asked() == 0) {
      producer_.poll(Milliseconds(20), take);
      failure = producer_.produce(record);
    }
    if (failure.code != kafka::kNoError) deliveries_.on_refusal(number, failure);
  }

  void flush() {
    const auto take = [this](const kafka::Delivery& delivery) { deliveries_.on_delivery(delivery); };
    while (producer_.waiting() > 0 && !producer_.broken() && signals_.asked() == 0) producer_.poll(Milliseconds(20), take);
    while (producer_.poll(Milliseconds(0), take)) continue;
  }

  std::optional<Stopped> commit(std::int32_t partition, std::int64_t next) {
    return commit_offsets(client_, {{.topic = arguments_.topic, .partition = partition, .offset = next}}, group_);
  }

  int sum_up() {
    std::string where;
    for (const auto& [topic, count] : targets_)
      where += fmt::format("{}{} to {}", where.empty() ? "" : ", ", grouped(count), topic);
    if (sent_ == 0 && foreign_ == 0) {
      talk_.say(fmt::format("nothing to send: group {} is at the end of topic {}", group_, arguments_.topic));
      return 0;
    }
    if (arguments_.dry_run)
      talk_.say(fmt::format("{} would be sent{}", counted(sent_, "dead letter"), where.empty() ? "" : ": " + where));
    else
      talk_.say(fmt::format("{} of {} sent back{}", grouped(deliveries_.delivered()), counted(sent_, "dead letter"),
                            where.empty() ? "" : ": " + where));
    if (foreign_ > 0) talk_.say(fmt::format("{} left alone: no dead letter of sparse", counted(foreign_, "message")));
    if (deliveries_.failed() > 0) talk_.say(deliveries_.failures_text());
    return deliveries_.failed() == 0 && foreign_ == 0 && signals_.asked() == 0 ? 0 : kFailed;
  }

  const KafkaReplayArguments& arguments_;
  const std::string group_;
  kafka::Consumer& client_;
  kafka::Producer& producer_;
  const Talk& talk_;
  StopSignals signals_;
  Deliveries deliveries_;
  std::map<std::string, std::uint64_t> targets_;
  std::uint64_t sent_ = 0, foreign_ = 0;
};

}  // namespace

int run_kafka_replay(const KafkaReplayArguments& arguments) {
  const Talk talk("replay");
  const std::string group = arguments.group.empty() ? "sparse-replay-" + arguments.topic : arguments.group;
  const auto properties = properties_of(arguments.connection);
  if (!properties) return talk.stop({kUsage, properties.error().message});
  if (properties->contains("debug")) talk.show_debug();
  kafka::Properties reading = *properties;
  reading["group.id"] = group;
  reading["enable.partition.eof"] = "true";
  auto client = kafka::Consumer::create(reading, talk.report());
  if (!client) return talk.stop({kUsage, client.error().message});
  auto producer = kafka::Producer::create(*properties, talk.report());
  if (!producer) return talk.stop({kUsage, producer.error().message});
  return Replay(arguments, group, **client, **producer, talk).run();
}

}  // namespace sparse::cli
