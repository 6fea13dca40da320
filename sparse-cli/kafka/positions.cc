#include "sparse-cli/kafka/positions.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/base/clock.h"

namespace sparse::cli {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr Nanoseconds kCommitFor = 15 * kSecond;
constexpr Milliseconds kBetween{200};  // one question and the next

}  // namespace

Ends find_ends(kafka::Consumer& client, const Wanted& wanted, const std::vector<std::int32_t>& partitions, const Talk& talk,
               const StopSignals& signals) {
  const Nanoseconds end = SystemClock().now() + static_cast<Nanoseconds>(wanted.timeout * static_cast<double>(kSecond));
  Ends found;
  for (const std::int32_t partition : partitions) {
    while (true) {
      const auto marks = client.watermarks(wanted.topic, partition, Milliseconds(1000));
      client.poll(Milliseconds(0));
      if (marks) {
        found.partitions.push_back({partition, marks->low, marks->high});
        break;
      }
      if (signals.asked() > 0) {
        found.stopped = Stopped{kFailed, "stopped"};
        return found;
      }
      if (SystemClock().now() > end) {
        const std::string last = bare_error(talk.last_error());
        found.stopped = Stopped{kUnreachable, fmt::format("brokers {}: {}{}", wanted.brokers, marks.error().message,
                                                          last.empty() ? "" : "; last: " + last)};
        return found;
      }
      client.poll(Milliseconds(100));
    }
  }
  return found;
}

std::int64_t offset_of(const Position& position, const PartitionEnds& ends) {
  switch (position.kind) {
    case Position::Kind::start: return ends.low;
    case Position::Kind::last: return std::max(ends.low, ends.high - std::min(position.number, ends.high));
    case Position::Kind::offset: return std::clamp(position.number, ends.low, ends.high);
    case Position::Kind::end:
    case Position::Kind::time: break;
  }
  return ends.high;
}

std::string clamped_text(const Position& position, const PartitionEnds& ends) {
  if (position.kind != Position::Kind::offset || (position.number >= ends.low && position.number <= ends.high)) return {};
  return fmt::format("partition {} has no offset {}: it holds {} to {}, so {} is taken", ends.partition, position.number,
                     ends.low, ends.high, offset_of(position, ends));
}

Result<std::vector<std::int64_t>> find_offsets(kafka::Consumer& client, const std::string& topic, const Position& position,
                                               const std::vector<PartitionEnds>& ends, std::chrono::milliseconds at_most) {
  std::vector<std::int64_t> offsets;
  for (const PartitionEnds& each : ends) offsets.push_back(offset_of(position, each));
  if (position.kind != Position::Kind::time) return offsets;
  std::vector<kafka::PartitionOffset> times;
  if (client.is_embedded(at_most))
    return Error{"an embedded broker does not know when messages came: write start, end, a number, or -N for the last N"};
  for (const PartitionEnds& each : ends)
    times.push_back({.topic = topic, .partition = each.partition, .offset = position.number});
  const auto answers = client.offsets_at(std::move(times), at_most);
  if (!answers) return answers.error();
  for (const kafka::PartitionOffset& answer : *answers) {
    if (answer.failure.code != kafka::kNoError)
      return Error{fmt::format("topic {}, partition {}: the offset of that time cannot be read: {}", topic, answer.partition,
                               answer.failure.text)};
    for (std::size_t i = 0; i < ends.size(); ++i)
      if (ends[i].partition == answer.partition && answer.offset >= 0) offsets[i] = answer.offset;  // else nothing is as young
  }
  return offsets;
}

bool is_between_coordinators(std::string_view error) {
  return error.find("COORDINATOR") != error.npos || error.find("_WAIT_COORD") != error.npos;
}

Result<std::vector<kafka::PartitionOffset>> read_committed(kafka::Consumer& client,
                                                           const std::vector<kafka::PartitionOffset>& partitions,
                                                           std::chrono::milliseconds at_most) {
  const Nanoseconds end = SystemClock().now() + at_most.count() * kMillisecond;
  while (true) {
    auto answer = client.committed(partitions, at_most);
    while (client.poll(Milliseconds(0))) continue;
    std::string error = answer ? "" : answer.error().message;
    if (answer)
      for (const kafka::PartitionOffset& each : *answer)
        if (each.failure.code != kafka::kNoError)
          error = fmt::format("the committed offset of topic {}, partition {} cannot be read: {}", each.topic, each.partition,
                              each.failure.text);
    if (error.empty()) return answer;
    if (!is_between_coordinators(error) || SystemClock().now() > end) return Error{error};
    client.poll(kBetween);
  }
}

std::optional<Stopped> commit_offsets(kafka::Consumer& client, const std::vector<kafka::PartitionOffset>& offsets,
                                      const std::string& group) {
  const Nanoseconds end = SystemClock().now() + kCommitFor;
  while (true) {
    if (const auto started = client.commit(offsets); !started)
      return Stopped{kFailed, fmt::format("group {}: {}", group, started.error().message)};
    std::optional<std::vector<kafka::PartitionOffset>> outcome;
    while (!outcome && SystemClock().now() < end) outcome = client.poll(Milliseconds(100));
    if (!outcome) return Stopped{kFailed, fmt::format("group {}: no broker confirmed the commit within 15 s", group)};
    std::string error;
    for (const kafka::PartitionOffset& each : *outcome)
      if (each.failure.code != kafka::kNoError && error.empty())
        error = fmt::format("group {}: the offset of topic {}, partition {} was not committed: {}", group, each.topic,
                            each.partition, each.failure.text);
    if (error.empty()) return std::nullopt;
    if (!is_between_coordinators(error) || SystemClock().now() > end) return Stopped{kFailed, error};
    client.poll(kBetween);
  }
}

Result<std::vector<std::int32_t>> chosen_partitions(const std::string& topic, int count, std::optional<std::int32_t> only) {
  if (only && *only >= count)
    return Error{fmt::format("topic {} has the partitions 0 to {}, and no {}", topic, count - 1, *only)};
  if (only) return std::vector<std::int32_t>{*only};
  std::vector<std::int32_t> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace sparse::cli
