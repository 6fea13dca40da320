// Where the partitions of a topic begin and end, and which offset a word means in each of them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sparse-cli/kafka/connection.h"
#include "sparse-cli/kafka/words.h"
#include "worker/kafka/consumer.h"

namespace sparse::cli {

struct PartitionEnds {
  std::int32_t partition = 0;
  std::int64_t low = 0, high = 0;
};

/// One entry a partition. Asks again while leaders change, until the time is over.
struct Ends {
  std::vector<PartitionEnds> partitions = {};
  std::optional<Stopped> stopped = {};
};
Ends find_ends(kafka::Consumer& client, const Wanted& wanted, const std::vector<std::int32_t>& partitions, const Talk& talk,
               const StopSignals& signals);

/// The offset that a position other than a time means, never outside of the partition. Pure.
std::int64_t offset_of(const Position& position, const PartitionEnds& ends);
/// A number that is outside of the partition: what is done instead. Empty if it is inside. Pure.
std::string clamped_text(const Position& position, const PartitionEnds& ends);

/// For each partition of `ends`, in its order.
Result<std::vector<std::int64_t>> find_offsets(kafka::Consumer& client, const std::string& topic, const Position& position,
                                               const std::vector<PartitionEnds>& ends, std::chrono::milliseconds at_most);

/// Whether the group has no coordinator at the moment: so for some seconds after a broker has started, or gone. Pure.
bool is_between_coordinators(std::string_view error);

/// What the group has committed, of these partitions. Asks again while the group has no coordinator, until the time is over.
Result<std::vector<kafka::PartitionOffset>> read_committed(kafka::Consumer& client,
                                                           const std::vector<kafka::PartitionOffset>& partitions,
                                                           std::chrono::milliseconds at_most);

/// Commits and waits for the outcome; why it could not, if it could not.
std::optional<Stopped> commit_offsets(kafka::Consumer& client, const std::vector<kafka::PartitionOffset>& offsets,
                                      const std::string& group);

/// The partition that was asked for, or all; what to say if there is no such one.
Result<std::vector<std::int32_t>> chosen_partitions(const std::string& topic, int count, std::optional<std::int32_t> only);

}  // namespace sparse::cli
