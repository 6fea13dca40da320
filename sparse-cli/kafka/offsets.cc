#include "sparse-cli/kafka/offsets.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "sparse-cli/figures.h"
#include "sparse-cli/kafka/connection.h"
#include "sparse-cli/kafka/group_source.h"
#include "sparse-cli/kafka/positions.h"
#include "sparse-cli/load_arguments.h"
#include "sparse-cli/text_table.h"
#include "sparse-cli/topology_file.h"
#include "worker/kafka/position.h"

namespace sparse::cli {
namespace {

using Milliseconds = std::chrono::milliseconds;
using Json = nlohmann::ordered_json;

constexpr Milliseconds kPatience{10'000};
constexpr Nanoseconds kWatchFor = 5 * kSecond;  // a run looks every 2 s whether anybody asks

constexpr std::int64_t kNoTask = -1;

struct Row {
  std::string topic;
  PartitionEnds ends;
  std::int64_t committed = kafka::kNoOffset;
  std::string metadata = {};
};

/// One group of one source: reads its offsets, and sets them.
class Group {
 public:
  Group(const KafkaOffsetsArguments& arguments, const GroupSource& source, kafka::Consumer& client, const Talk& talk,
        const StopSignals& signals)
      : arguments_(arguments), source_(source), client_(client), talk_(talk), signals_(signals) {}

  std::optional<Stopped> read() {
    Wanted wanted{.brokers = source_.brokers, .topic = {}, .timeout = arguments_.connection.timeout};
    const FoundAll all = find_topics(asking(client_), wanted, talk_, signals_);
    if (all.stopped) return all.stopped;
    for (const std::string& topic : topics_of(source_, all.topics)) {
      if (!arguments_.topic.empty() && topic != arguments_.topic) continue;
      wanted.topic = topic;
      const Found found = find_topic(asking(client_), wanted, talk_, signals_);
      if (found.stopped) return found.stopped;
      const auto partitions = chosen_partitions(topic, found.partitions, arguments_.partition);
      if (!partitions) return Stopped{kUsage, partitions.error().message};
      Ends ends = find_ends(client_, wanted, *partitions, talk_, signals_);
      if (ends.stopped) return ends.stopped;
      for (const PartitionEnds& each : ends.partitions) rows_.push_back({.topic = topic, .ends = each});
    }
    if (rows_.empty())
      return Stopped{kFailed, fmt::format("group {} reads no topic that the brokers at {} have", source_.group, source_.brokers)};
    return refresh();
  }

  /// What is committed now.
  std::optional<Stopped> refresh() {
    std::vector<kafka::PartitionOffset> asked;
    for (const Row& row : rows_) asked.push_back({.topic = row.topic, .partition = row.ends.partition});
    const auto answer = read_committed(client_, asked, kPatience);
    if (!answer)
      return Stopped{kFailed, fmt::format("group {} at {}: {}", source_.group, source_.brokers, answer.error().message)};
    for (const kafka::PartitionOffset& each : *answer)
      for (Row& row : rows_)
        if (row.topic == each.topic && row.ends.partition == each.partition)
          row.committed = each.offset, row.metadata = each.metadata;
    return std::nullopt;
  }

  std::optional<Stopped> set(const Position& position) {
    if (const auto busy = check_idle()) return busy;
    std::vector<kafka::PartitionOffset> offsets;
    for (std::size_t i = 0; i < rows_.size();) {
      std::vector<PartitionEnds> ends;
      const std::size_t first = i;
      for (; i < rows_.size() && rows_[i].topic == rows_[first].topic; ++i) ends.push_back(rows_[i].ends);
      const auto found = find_offsets(client_, rows_[first].topic, position, ends, kPatience);
      if (!found) return Stopped{kFailed, found.error().message};
      for (std::size_t j = 0; j < ends.size(); ++j) {
        if (const std::string note = clamped_text(position, ends[j]); !note.empty())
          talk_.say(fmt::format("topic {}: {}", rows_[first].topic, note));
        offsets.push_back({.topic = rows_[first].topic,
                           .partition = ends[j].partition,
                           .offset = (*found)[j],
                           .metadata = kafka::commit_metadata({.topology_id = std::string(kafka::kOffsetsTool),
                                                               .attempt = kafka::next_attempt(rows_[first + j].metadata)},
                                                              kNoTask)});
      }
    }
    if (const auto failed = commit(offsets)) return failed;
    talk_.say(fmt::format("the offsets of {} are set in group {}", counted(offsets.size(), "partition"), source_.group));
    if (!source_.start.empty())
      talk_.say(
          fmt::format("note: the spout has `start: {}`, and its next run begins there, whatever is committed", source_.start));
    return refresh();
  }

  void append_to(std::vector<std::vector<std::string>>& table) const {
    for (const Row& row : rows_) {
      const bool some = row.committed >= 0;
      table.push_back({row.topic, std::to_string(row.ends.partition), some ? grouped(unsigned_of(row.committed)) : "-",
                       grouped(unsigned_of(row.ends.low)), grouped(unsigned_of(row.ends.high)), grouped(unsigned_of(lag(row))),
                       source_.group, topology_of(row.metadata)});
    }
  }

  Json json() const {
    Json partitions = Json::array();
    for (const Row& row : rows_) {
      const std::string topology = topology_of(row.metadata);
      partitions.push_back({{"topic", row.topic},
                            {"partition", row.ends.partition},
                            {"committed", row.committed >= 0 ? Json(row.committed) : Json(nullptr)},
                            {"low", row.ends.low},
                            {"high", row.ends.high},
                            {"lag", lag(row)},
                            {"topology", topology.empty() ? Json(nullptr) : Json(topology)}});
    }
    return {{"group", source_.group}, {"brokers", source_.brokers}, {"partitions", std::move(partitions)}};
  }

 private:
  static std::uint64_t unsigned_of(std::int64_t number) { return number < 0 ? 0 : static_cast<std::uint64_t>(number); }
  /// Without a commit, all that is there is to be read.
  static std::int64_t lag(const Row& row) { return row.ends.high - std::clamp(row.committed, row.ends.low, row.ends.high); }

  /// Asks in the group whether anybody reads it: a run of sparse, even one that has nothing to do, commits its own position
  /// again.
  std::optional<Stopped> check_idle() {
    const auto members = client_.members(source_.group, kPatience);
    if (members && *members > 0)
      return Stopped{
          kFailed, fmt::format("group {} has {}: nothing was set\n  End them first", source_.group, counted(*members, "member"))};
    const std::vector<Row> before = rows_;
    std::vector<kafka::PartitionOffset> questions;
    for (Row& row : rows_) {
      if (row.committed < 0) continue;  // a run commits what it takes: that is seen, too
      const auto by = kafka::read_commit_metadata(row.metadata);
      row.metadata = kafka::commit_metadata(
          {.topology_id = std::string(kafka::kOffsetsTool), .attempt = by ? by->attempt : 0, .asks = true}, kNoTask);
      questions.push_back({row.topic, row.ends.partition, row.committed, row.metadata});
    }
    if (const auto stopped = ask(before, questions)) return stopped;
    talk_.say(
        fmt::format("checked: {}; no run has answered for 5 s",
                    members ? "the group has no members" : "its members are unknown here (" + members.error().message + ")"));
    return std::nullopt;
  }

  std::optional<Stopped> commit(const std::vector<kafka::PartitionOffset>& offsets) {
    auto failed = commit_offsets(client_, offsets, source_.group);
    if (failed) failed->message += "\n  If the group has members, end them first: brokers take offsets from nobody else then";
    return failed;
  }

  std::optional<Stopped> ask(const std::vector<Row>& before, const std::vector<kafka::PartitionOffset>& questions) {
    if (!questions.empty())
      if (auto failed = commit(questions)) return failed;
    const std::vector<Row> asked = rows_;
    const Nanoseconds end = SystemClock().now() + kWatchFor;
    while (SystemClock().now() < end) {
      client_.poll(Milliseconds(300));
      if (auto failed = refresh()) return failed;
      const auto answered = std::ranges::mismatch(rows_, asked, [](const Row& one, const Row& other) {
        return one.committed == other.committed && one.metadata == other.metadata;
      });
      const bool stops = signals_.asked() > 0;
      if (!stops && answered.in1 == rows_.end()) continue;
      if (auto failed = take_back(before, asked)) return failed;
      if (stops) return Stopped{kFailed, "stopped: nothing was set"};
      const std::string topology = topology_of(answered.in1->metadata);
      return Stopped{kFailed, fmt::format("group {}: {} reads topic {}, partition {}: nothing was set\n  End it first",
                                          source_.group, topology.empty() ? "somebody" : "the topology " + topology,
                                          answered.in1->topic, answered.in1->ends.partition)};
    }
    return std::nullopt;
  }

  /// Where nobody has answered, what was there before the question.
  std::optional<Stopped> take_back(const std::vector<Row>& before, const std::vector<Row>& asked) {
    std::vector<kafka::PartitionOffset> offsets;
    for (std::size_t i = 0; i < rows_.size(); ++i)
      if (before[i].metadata != asked[i].metadata && rows_[i].metadata == asked[i].metadata)
        offsets.push_back({before[i].topic, before[i].ends.partition, before[i].committed, before[i].metadata});
    return offsets.empty() ? std::nullopt : commit(offsets);
  }

  const KafkaOffsetsArguments& arguments_;
  const GroupSource& source_;
  kafka::Consumer& client_;
  const Talk& talk_;
  const StopSignals& signals_;
  std::vector<Row> rows_;
};

struct Sources {
  std::vector<GroupSource> found = {};
  std::optional<Stopped> stopped = {};
};

Sources find_sources(const KafkaOffsetsArguments& arguments, const topology::Describe& describe) {
  const bool by_words = arguments.file.empty() && arguments.pick.empty() && !arguments.group.empty() &&
                        !arguments.topic.empty() && !arguments.connection.brokers.empty();
  if (by_words) return {.found = *source_of(arguments)};
  const auto options = load_options_of({}, arguments.variables, arguments.filters, arguments.env_filter);
  if (!options) return {.stopped = Stopped{kUsage, options.error().message}};
  const Result<std::string> file = find_topology_file("kafka offsets", {.file = arguments.file, .pick = arguments.pick});
  if (!file)
    return {.stopped = Stopped{kUsage, file.error().message + ";\n  without a topology file, say -b BROKERS -g GROUP -t TOPIC"}};
  const topology::LoadResult result = topology::load(*file, *options, describe);
  if (!result.topology) {
    std::fputs(result.text().c_str(), stderr);
    return {.stopped = Stopped{kFailed, ""}};
  }
  auto sources = sources_of(*result.topology, arguments);
  if (!sources) return {.stopped = Stopped{kFailed, sources.error().message}};
  return {.found = std::move(*sources)};
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  const std::vector<Column> columns = {{.title = "topic", .right = false},
                                       {.title = "partition"},
                                       {.title = "committed"},
                                       {.title = "low"},
                                       {.title = "high"},
                                       {.title = "lag"},
                                       {.title = "group", .right = false},
                                       {.title = "committed by", .right = false}};
  for (const std::string& line : layout(columns, rows, 0)) std::printf("%s\n", line.c_str());
}

}  // namespace

int run_kafka_offsets(const KafkaOffsetsArguments& arguments, const topology::Describe& describe) {
  const Talk talk("offsets");
  std::optional<Position> position;
  if (!arguments.set.empty()) {
    const auto parsed = parse_position(arguments.set, unix_milliseconds());
    if (!parsed) return talk.stop({kUsage, "--set: " + parsed.error().message});
    position = *parsed;
  }
  const Sources sources = find_sources(arguments, describe);
  if (sources.stopped) return talk.stop(*sources.stopped);
  const StopSignals signals;
  std::vector<std::vector<std::string>> table;
  Json groups = Json::array();
  for (const GroupSource& source : sources.found) {
    KafkaConnection connection = arguments.connection;
    connection.brokers = source.brokers;
    auto properties = properties_of(connection, source.properties);
    if (!properties) return talk.stop({kUsage, properties.error().message});
    (*properties)["group.id"] = source.group;
    if (properties->contains("debug")) talk.show_debug();
    auto client = kafka::Consumer::create(*properties, talk.report());
    if (!client) return talk.stop({kUsage, client.error().message});
    Group group(arguments, source, **client, talk, signals);
    if (const auto stopped = group.read()) return talk.stop(*stopped);
    if (position)
      if (const auto stopped = group.set(*position)) return talk.stop(*stopped);
    group.append_to(table);
    groups.push_back(group.json());
  }
  if (arguments.json)
    std::printf("%s\n", Json{{"groups", std::move(groups)}}.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
  else
    print_table(table);
  return 0;
}

}  // namespace sparse::cli
