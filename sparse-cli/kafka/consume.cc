#include "sparse-cli/kafka/consume.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/clock.h"
#include "sparse-cli/figures.h"
#include "sparse-cli/kafka/connection.h"
#include "sparse-cli/kafka/message_text.h"
#include "sparse-cli/kafka/positions.h"
#include "sparse-cli/kafka/words.h"

namespace sparse::cli {
namespace {

using Milliseconds = std::chrono::milliseconds;

/// stdout, until nobody reads it.
class Out {
 public:
  bool write(std::string_view text) {
    while (!text.empty() && open_) {
      const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
      if (count > 0) {
        text.remove_prefix(static_cast<std::size_t>(count));
      } else if (count < 0 && errno == EAGAIN) {
        pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
        ::poll(&ready, 1, 1000);
      } else if (count < 0 && errno != EINTR) {
        if (errno != EPIPE) trouble_ = fmt::format("stdout cannot be written: {}", std::strerror(errno));
        open_ = false;
      }
    }
    return open_;
  }
  bool open() const { return open_; }
  void close() { open_ = false; }
  const std::string& trouble() const { return trouble_; }

 private:
  bool open_ = true;
  std::string trouble_;
};

struct Reading {
  std::unique_ptr<kafka::PartitionReader> reader;
  std::int64_t end = 0;  ///< where -e stops
  bool done = false;
};

class Consumption {
 public:
  Consumption(const KafkaConsumeArguments& arguments, kafka::Consumer& client, const Talk& talk)
      : arguments_(arguments), client_(client), talk_(talk) {}

  int run() {
    const Wanted wanted{
        .brokers = arguments_.connection.brokers, .topic = arguments_.topic, .timeout = arguments_.connection.timeout};
    const auto position = parse_position(arguments_.offset, unix_milliseconds());
    if (!position) return talk_.stop({kUsage, "-o: " + position.error().message});
    const Found found = find_topic(asking(client_), wanted, talk_, signals_);
    if (found.stopped) return talk_.stop(*found.stopped);
    const auto partitions = chosen_partitions(arguments_.topic, found.partitions, arguments_.partition);
    if (!partitions) return talk_.stop({kUsage, partitions.error().message});
    const Ends ends = find_ends(client_, wanted, *partitions, talk_, signals_);
    if (ends.stopped) return talk_.stop(*ends.stopped);
    const auto offsets = find_offsets(client_, arguments_.topic, *position, ends.partitions, Milliseconds(10'000));
    if (!offsets) return talk_.stop({kFailed, offsets.error().message});
    talk_.be_loud();
    wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    const int code = start(*position, ends.partitions, *offsets) ? read_all() : kFailed;
    readings_.clear();
    if (wake_ >= 0) ::close(wake_);
    return code;
  }

 private:
  bool start(const Position& position, const std::vector<PartitionEnds>& ends, const std::vector<std::int64_t>& offsets) {
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (const std::string note = clamped_text(position, ends[i]); !note.empty()) talk_.say(note);
      if (arguments_.stop_at_end && offsets[i] >= ends[i].high) continue;
      auto reader = client_.start(arguments_.topic, ends[i].partition, offsets[i], wake_);
      if (!reader) {
        talk_.say(reader.error().message);
        return false;
      }
      readings_.push_back({.reader = std::move(*reader), .end = ends[i].high});
    }
    return true;
  }

  bool enough() const {
    if (arguments_.count && shown_ >= *arguments_.count) return true;
    return arguments_.stop_at_end && std::ranges::all_of(readings_, &Reading::done);
  }

  int read_all() {
    while (!enough() && failure_.empty() && signals_.asked() == 0 && out_.open()) {
      std::uint64_t ignored = 0;
      static_cast<void>(!::read(wake_, &ignored, sizeof ignored));
      std::size_t taken = 0;
      for (Reading& reading : readings_) taken += take(reading);
      if (!out_.write(text_)) break;
      text_.clear();
      client_.poll(Milliseconds(0));
      if (taken == 0 && !enough()) wait();
    }
    out_.write(text_);
    if (!out_.trouble().empty()) return talk_.stop({kFailed, out_.trouble()});
    if (!failure_.empty()) return talk_.stop({kFailed, failure_});
    if (arguments_.count && shown_ < *arguments_.count && arguments_.stop_at_end)
      talk_.say(fmt::format("{}, not {}: the end is reached", counted(shown_, "message"), grouped(*arguments_.count)));
    return 0;
  }

  std::size_t take(Reading& reading) {
    if (reading.done) return 0;
    std::array<kafka::Message, 256> messages;
    const std::size_t count = reading.reader->take(messages);
    for (std::size_t i = 0; i < count && !reading.done && !(arguments_.count && shown_ >= *arguments_.count); ++i)
      show(reading, messages[i]);
    return count;
  }

  void show(Reading& reading, const kafka::Message& message) {
    const kafka::PartitionReader& reader = *reading.reader;
    if (message.failed()) {
      const kafka::Failure failure = message.failure();
      if (failure.code == kafka::kPartitionEnd) {
        reading.done = arguments_.stop_at_end;
      } else if (failure.code == kafka::kOffsetOutOfRange || failure.code == kafka::kUnknownTopic || failure.fatal) {
        failure_ = fmt::format("topic {}, partition {} at {}: {}\n  {}", reader.topic(), reader.partition(),
                               arguments_.connection.brokers, failure.text,
                               failure.code == kafka::kOffsetOutOfRange
                                   ? "Those messages were removed meanwhile: start again, with -o start"
                                   : "The topic is gone: was it deleted?");
      } else {
        talk_.say(fmt::format("topic {}, partition {}: {}", reader.topic(), reader.partition(), failure.text));
      }
      return;
    }
    if (arguments_.stop_at_end && message.offset() >= reading.end) {
      reading.done = true;
      return;
    }
    ShownMessage shown{.topic = reader.topic(),
                       .partition = reader.partition(),
                       .offset = message.offset(),
                       .key = message.key(),
                       .value = message.value()};
    if (arguments_.json) {
      shown.timestamp = message.timestamp();
      shown.headers = message.headers();
      append_json_line(text_, shown);
    } else {
      append_plain(text_, shown, arguments_.keys);
    }
    ++shown_;
    if (arguments_.stop_at_end && message.offset() + 1 >= reading.end) reading.done = true;
  }

  /// Until there is more, at most a moment; notices that nobody reads stdout any more.
  void wait() {
    pollfd both[] = {{.fd = wake_, .events = POLLIN, .revents = 0}, {.fd = STDOUT_FILENO, .events = 0, .revents = 0}};
    if (::poll(both, 2, 100) > 0 && (both[1].revents & (POLLERR | POLLNVAL)) != 0) out_.close();
  }

  const KafkaConsumeArguments& arguments_;
  kafka::Consumer& client_;
  const Talk& talk_;
  StopSignals signals_;
  Out out_;
  int wake_ = -1;
  std::vector<Reading> readings_;
  std::string text_, failure_;
  std::uint64_t shown_ = 0;
};

}  // namespace

int run_kafka_consume(const KafkaConsumeArguments& arguments) {
  const Talk talk("consume");
  const auto properties =
      properties_of(arguments.connection,
                    {{"group.id", "sparse-kafka-consume"}, {"fetch.wait.max.ms", "100"}, {"enable.partition.eof", "true"}});
  if (!properties) return talk.stop({kUsage, properties.error().message});
  if (properties->contains("debug")) talk.show_debug();
  auto client = kafka::Consumer::create(*properties, talk.report());
  if (!client) return talk.stop({kUsage, client.error().message});
  return Consumption(arguments, **client, talk).run();
}

}  // namespace sparse::cli
