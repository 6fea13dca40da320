// A topic that was deleted and made again between two looks: told by times, since names and offsets look the same.
#include <fmt/format.h>

#include <algorithm>

#include "worker/kafka/consumer_hub.h"

namespace sparse::kafka {
namespace {

constexpr std::chrono::milliseconds kPatience{3000};

}  // namespace

// The first offset at or after a given time only ever grows while a log lives: retention and compaction take messages away, and
// what is written comes at the end. If it falls to the first message of all, everything older than that time is gone, and younger
// messages stand in its place: this is another log. (One that lost its end has still its beginning.)
void ConsumerHub::look_for_replaced() {
  std::vector<PartitionOffset> times;
  std::vector<Watched> watched;
  for (const auto& member : members())
    for (const auto& [place, time] : member->seen()) {
      Given& given = given_[member.get()];
      if (!given.places.contains(place) || given.leaving.contains(place)) continue;
      const auto witness = given.witnesses.find(place);
      times.push_back({.topic = place.first,
                       .partition = place.second,
                       .offset = witness == given.witnesses.end() ? time : witness->second.time});
      watched.push_back({member.get(), place});
    }
  if (times.empty()) return;
  const auto first = consumer_->offsets_at(times, kPatience);
  if (!first) return;  // whoever asks for more tells why
  std::set<std::string> replaced;
  for (std::size_t i = 0; i < watched.size(); ++i)
    if ((*first)[i].failure.code == kNoError && (*first)[i].offset >= 0 &&
        is_replaced(watched[i], times[i].offset, (*first)[i].offset))
      replaced.insert(watched[i].place.first);
  for (const std::string& topic : replaced) begin_anew(topic);
}

bool ConsumerHub::is_replaced(const Watched& watched, std::int64_t time, std::int64_t first) {
  auto& witnesses = given_[watched.member].witnesses;
  const auto witness = witnesses.find(watched.place);
  if (witness == witnesses.end()) {
    // Below the first message of all nothing can fall: a later one will do.
    if (first > 0) witnesses[watched.place] = {.time = time, .first = first};
    return false;
  }
  if (first >= witness->second.first) return false;
  // Of messages with the same time brokers may name another one after their own restart: the first one has to be younger.
  const auto& [topic, partition] = watched.place;
  const auto marks = consumer_->watermarks(topic, partition, kPatience);
  const auto younger = consumer_->offsets_at({{.topic = topic, .partition = partition, .offset = time + 1}}, kPatience);
  if (!marks || !younger || younger->front().failure.code != kNoError) return false;
  return younger->front().offset >= 0 && younger->front().offset <= marks->low;
}

void ConsumerHub::begin_anew(const std::string& topic) {
  for (const auto& member : members()) {
    Given& given = given_[member.get()];
    bool reads = false;
    for (const Place& place : given.places)
      if (place.first == topic && given.leaving.insert(place).second) {
        reads = true;
        given.anew.insert(place);
        member->assign({.topic = topic, .partition = place.second, .start = 0, .end = kNoOffset, .reader = nullptr});
      }
    if (reads)
      member->report(Level::warn,
                     fmt::format("Kafka: topic {} was deleted and made again: its messages are younger than what was "
                                 "read of it. It is read from its first message; what was read of the old one and is "
                                 "not done is given up",
                                 topic));
  }
}

}  // namespace sparse::kafka
