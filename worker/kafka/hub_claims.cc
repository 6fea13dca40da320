// Two runs of one group would commit over each other: who takes a partition says so in the group, and whoever finds there that
// another has followed it stops.
#include <fmt/format.h>

#include "worker/kafka/consumer_hub.h"

namespace sparse::kafka {
namespace {

constexpr std::chrono::milliseconds kPatience{3000};
constexpr Nanoseconds kTellAgain = 60 * kSecond;

std::string who(const PartitionOffset& found) {
  const auto by = read_commit_metadata(found.metadata);
  return by && !by->topology_id.empty() ? fmt::format("the topology {}", by->topology_id) : "somebody who does not say who it is";
}

}  // namespace

Identity ConsumerHub::identity_at(const Place& place) const {
  const auto claim = claims_.find(place);
  return {.topology_id = topology_id_, .attempt = claim == claims_.end() ? 1 : claim->second.attempt};
}

/// False: another run has taken it since this one did.
bool ConsumerHub::claim(const PartitionOffset& committed, std::int64_t task) {
  const Place place{committed.topic, committed.partition};
  const auto [claim, is_new] = claims_.try_emplace(place);
  if (is_new) claim->second.attempt = next_attempt(committed.metadata);
  claim->second.task = task;
  if (is_new || standing_of(committed.metadata, identity_at(place)) != Standing::later) return true;
  stop_for(committed);
  return false;
}

/// Unless that was done less than `at_least` ago. What the brokers do not tell now they will tell later; until then nothing is
/// worse than it was.
void ConsumerHub::look_for_others(Nanoseconds at_least) {
  const Nanoseconds now = clock_.now();
  if (superseded_ || now - looked_at_ < at_least) return;
  std::vector<PartitionOffset> places;
  for (const auto& [member, given] : given_)
    for (const Place& place : given.places)
      if (const auto claim = claims_.find(place);
          claim != claims_.end() && claim->second.offset != kNoOffset && !given.leaving.contains(place))
        places.push_back({.topic = place.first, .partition = place.second});
  if (places.empty()) return;
  const auto found = consumer_->committed(places, kPatience);
  looked_at_ = clock_.now();
  if (!found) return;
  for (const PartitionOffset& each : *found) {
    // Where nothing is committed, the topic or the group was deleted: others look into that.
    if (each.failure.code != kNoError || each.offset < 0) continue;
    const Standing standing = standing_of(each.metadata, identity_at({each.topic, each.partition}));
    if (standing == Standing::later) return stop_for(each);
    if (standing != Standing::own) recommit(each, standing);
  }
}

/// This run's own position again. Whoever was there before finds it, and stops.
void ConsumerHub::recommit(const PartitionOffset& found, Standing standing) {
  const Place place{found.topic, found.partition};
  const Claim& claim = claims_.at(place);
  {
    const std::lock_guard lock(mutex_);
    if (in_flight_.contains(place)) return;
    pending_.try_emplace(place, Pending{.offset = claim.offset, .task = claim.task});  // unless there is a newer one
  }
  const auto all = members();
  const Nanoseconds now = clock_.now();
  if (standing == Standing::asked || all.empty() || (others_told_at_ && now - *others_told_at_ < kTellAgain)) return;
  others_told_at_ = now;
  all.front()->report(
      Level::warn, fmt::format("Kafka: {} has committed the offset {} of topic {}, partition {} in the group {}, which this "
                               "run reads: it is set to {} again. An earlier run of sparse ends now by itself; end whatever "
                               "else it is, or give one of them a `group` of its own",
                               who(found), found.offset, found.topic, found.partition, properties_.at("group.id"), claim.offset));
}

/// Nothing is committed any more: what this run has read and not committed, the other one reads.
void ConsumerHub::stop_for(const PartitionOffset& found) {
  superseded_ = true;
  {
    const std::lock_guard lock(mutex_);
    pending_.clear();
  }
  commit_done_.notify_all();
  const auto by = read_commit_metadata(found.metadata);
  const bool is_tool = by && by->topology_id == kOffsetsTool;
  const std::string& group = properties_.at("group.id");
  const std::string text =
      is_tool ? fmt::format(
                    "\"sparse kafka offsets --set\" has set the offset of topic {}, partition {} in the group {} to {} "
                    "while this run could not answer: it ends, and commits nothing more. Start it again",
                    found.topic, found.partition, group, found.offset)
              : fmt::format(
                    "{} reads topic {}, partition {} in the group {}, too, and began later (attempt {}): this run ends, so "
                    "that they do not commit over each other; what it has not committed, the other one reads. Let one run "
                    "at a time read a group, or give one of them a `group` of its own",
                    who(found), found.topic, found.partition, group, by ? by->attempt : 0);
  for (const auto& member : members()) member->stop(text);
}

}  // namespace sparse::kafka
