// Where reading begins, who reads what, and what is written beside a committed offset. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "worker/kafka/options.h"

namespace sparse::kafka {

/// The task, of `tasks`, that owns a partition.
std::uint32_t owner_of(std::string_view topic, std::int32_t partition, std::uint32_t tasks);

/// Which life of which topology commits.
struct Identity {
  std::string topology_id;
  std::uint32_t attempt = 1;
};

/// Storm's JSON, so that a Storm KafkaSpout of the same group understands it; the attempt stands in its name of a thread.
std::string commit_metadata(const Identity& identity, std::int64_t task);
/// Empty if it is nothing that a KafkaSpout or sparse has written. Storm's has attempt 0.
std::optional<Identity> read_commit_metadata(std::string_view metadata);

struct StartAt {
  enum class From { offset, earliest, latest, timestamp } from = From::earliest;
  std::int64_t offset = 0;
};

/// By Storm's rules: earliest, latest and a time hold for the first life of a topology alone, which then goes on where it was.
StartAt where_to_start(Start start, std::optional<std::int64_t> committed, std::string_view metadata, const Identity& self);

/// True if a later life of the same topology has committed: this one has to stop.
bool is_superseded(std::string_view metadata, const Identity& self);

}  // namespace sparse::kafka
