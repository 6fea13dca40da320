// Where reading begins, who reads what, and what is written beside a committed offset. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "worker/kafka/options.h"

namespace sparse::kafka {

/// The task, of `tasks`, that owns a partition.
std::uint32_t owner_of(std::string_view topic, std::int32_t partition, std::uint32_t tasks);

/// Who commits, and as which of those who took the partition in turn: each takes the attempt after the highest that it finds.
struct Identity {
  std::string topology_id;
  std::uint64_t attempt = 1;
  bool asks = false;  ///< commits nothing new: wants to know whether anybody reads the partition
};

/// As whom `sparse kafka offsets` commits.
inline constexpr std::string_view kOffsetsTool = "sparse-kafka-offsets";

/// Storm's JSON, so that a Storm KafkaSpout of the same group understands it; the attempt stands in its name of a thread.
std::string commit_metadata(const Identity& identity, std::int64_t task);
/// Empty if it is nothing that a KafkaSpout or sparse has written. Storm's has attempt 0.
std::optional<Identity> read_commit_metadata(std::string_view metadata);

/// What a committed offset says to a reader of its partition, which has committed itself before.
enum class Standing {
  own,      ///< it was this reader
  earlier,  ///< somebody whom it has followed, or who knows nothing of attempts: what stands there is to be replaced
  asked,    ///< somebody wants to know whether it is alive: the same
  later     ///< somebody has followed it: it has to stop
};
Standing standing_of(std::string_view metadata, const Identity& self);
/// Of who takes the partition now.
std::uint64_t next_attempt(std::string_view metadata);

struct StartAt {
  enum class From { offset, earliest, latest, timestamp } from = From::earliest;
  std::int64_t offset = 0;
};

/// By Storm's rules: earliest, latest and a time hold until this topology has committed, which then goes on where it was.
StartAt where_to_start(Start start, std::optional<std::int64_t> committed, std::string_view metadata,
                       std::string_view topology_id);

/// Whether a position is to be committed now. `asked`: the one that was last, kNoOffset if none was, so long ago.
struct CommitQuestion {
  Guarantee guarantee = Guarantee::at_least_once;
  std::int64_t position = 0, asked = 0;
  Nanoseconds age = 0;
  bool at_end = false;
};
bool has_to_commit(const CommitQuestion& question);

}  // namespace sparse::kafka
