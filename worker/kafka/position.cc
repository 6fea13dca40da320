// Storm's rules for a first poll, and its form of commit metadata.
#include "worker/kafka/position.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <charconv>
#include <nlohmann/json.hpp>

namespace sparse::kafka {
namespace {

constexpr std::string_view kThread = "sparse attempt ";

}  // namespace

std::uint32_t owner_of(std::string_view topic, std::int32_t partition, std::uint32_t tasks) {
  const std::uint64_t sum = (XXH3_64bits(topic.data(), topic.size()) >> 1) + static_cast<std::uint64_t>(partition);
  return tasks == 0 ? 0 : static_cast<std::uint32_t>(sum % tasks);
}

std::string commit_metadata(const Identity& identity, std::int64_t task) {
  const nlohmann::ordered_json json = {
      {"topologyId", identity.topology_id}, {"taskId", task}, {"threadName", fmt::format("{}{}", kThread, identity.attempt)}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<Identity> read_commit_metadata(std::string_view metadata) {
  const nlohmann::json json = nlohmann::json::parse(metadata, nullptr, false);
  if (!json.is_object() || !json.contains("topologyId") || !json["topologyId"].is_string()) return std::nullopt;
  Identity found{.topology_id = json["topologyId"].get<std::string>(), .attempt = 0};
  if (!json.contains("threadName") || !json["threadName"].is_string()) return found;
  const std::string thread = json["threadName"].get<std::string>();
  if (thread.starts_with(kThread)) std::from_chars(thread.data() + kThread.size(), thread.data() + thread.size(), found.attempt);
  return found;
}

StartAt where_to_start(Start start, std::optional<std::int64_t> committed, std::string_view metadata, const Identity& self) {
  const auto by = read_commit_metadata(metadata);
  const bool uncommitted = start == Start::uncommitted_earliest || start == Start::uncommitted_latest;
  if (committed && (uncommitted || (by && by->topology_id == self.topology_id)))
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

bool is_superseded(std::string_view metadata, const Identity& self) {
  const auto by = read_commit_metadata(metadata);
  return by && by->topology_id == self.topology_id && by->attempt > self.attempt;
}

}  // namespace sparse::kafka
