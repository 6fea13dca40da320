// Storm's rules for a first poll, and its form of commit metadata.
#include "worker/kafka/position.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace sparse::kafka {
namespace {

constexpr std::string_view kThread = "sparse attempt ", kAsking = "sparse asks after attempt ";
constexpr std::uint64_t kAttemptMost = std::uint64_t{1} << 53;
// Brokers forget offsets that nobody commits any more, after a week (offsets.retention.minutes).
constexpr Nanoseconds kRenew = 3600 * kSecond;

}  // namespace

std::uint32_t owner_of(std::string_view topic, std::int32_t partition, std::uint32_t tasks) {
  const std::uint64_t sum = (XXH3_64bits(topic.data(), topic.size()) >> 1) + static_cast<std::uint64_t>(partition);
  return tasks == 0 ? 0 : static_cast<std::uint32_t>(sum % tasks);
}

std::string commit_metadata(const Identity& identity, std::int64_t task) {
  const std::string thread = fmt::format("{}{}", identity.asks ? kAsking : kThread, identity.attempt);
  const nlohmann::ordered_json json = {{"topologyId", identity.topology_id}, {"taskId", task}, {"threadName", thread}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<Identity> read_commit_metadata(std::string_view metadata) {
  const nlohmann::json json = nlohmann::json::parse(metadata, nullptr, false);
  if (!json.is_object() || !json.contains("topologyId") || !json["topologyId"].is_string()) return std::nullopt;
  Identity found{.topology_id = json["topologyId"].get<std::string>(), .attempt = 0};
  if (!json.contains("threadName") || !json["threadName"].is_string()) return found;
  const std::string thread = json["threadName"].get<std::string>();
  found.asks = thread.starts_with(kAsking);
  const std::string_view before = found.asks ? kAsking : kThread;
  if (thread.starts_with(before)) std::from_chars(thread.data() + before.size(), thread.data() + thread.size(), found.attempt);
  found.attempt = std::min(found.attempt, kAttemptMost);
  return found;
}

Standing standing_of(std::string_view metadata, const Identity& self) {
  const auto by = read_commit_metadata(metadata);
  if (!by) return Standing::earlier;
  if (by->asks) return Standing::asked;
  if (by->topology_id == self.topology_id) return Standing::own;
  // Two that began at the same time have the same attempt: one of them has to go on, and both have to know which.
  return std::pair(by->attempt, by->topology_id) > std::pair(self.attempt, self.topology_id) ? Standing::later
                                                                                             : Standing::earlier;
}

std::uint64_t next_attempt(std::string_view metadata) {
  const auto by = read_commit_metadata(metadata);
  return by ? by->attempt + 1 : 1;
}

bool has_to_commit(const CommitQuestion& question) {
  const auto& [guarantee, position, asked, age, at_end] = question;
  if (asked < 0) return true;  // whoever takes a partition says so at once
  if (guarantee != Guarantee::at_most_once) return position > asked || age >= kRenew;
  // It was committed before it was emitted; at the end what was not emitted is given back.
  return at_end && position != asked;
}

StartAt where_to_start(Start start, std::optional<std::int64_t> committed, std::string_view metadata,
                       std::string_view topology_id) {
  const auto by = read_commit_metadata(metadata);
  const bool uncommitted = start == Start::uncommitted_earliest || start == Start::uncommitted_latest;
  if (committed && (uncommitted || (by && by->topology_id == topology_id)))
    return {.from = StartAt::From::offset, .offset = *committed};
  switch (start) {
    case Start::latest:
    case Start::uncommitted_latest: return {.from = StartAt::From::latest};
    case Start::timestamp: return {.from = StartAt::From::timestamp};
    case Start::earliest:
    case Start::uncommitted_earliest: break;
  }
  return {.from = StartAt::From::earliest};
}

}  // namespace sparse::kafka
