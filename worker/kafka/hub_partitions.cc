// Which partitions the members of a hub read, and from where: looked for again and again.
#include <fmt/format.h>

#include <algorithm>
#include <climits>

#include "core/base/counted.h"
#include "worker/kafka/advice.h"
#include "worker/kafka/consumer_hub.h"

namespace sparse::kafka {
namespace {

constexpr std::chrono::milliseconds kPatience{3000};
constexpr Nanoseconds kRetry = kSecond / 2;  // after an error

}  // namespace

std::string ConsumerHub::unreachable(std::string_view why) const {
  return with_advice(fmt::format("no broker of {} answers ({}); sparse keeps trying", properties_.at("bootstrap.servers"), why),
                     why);
}

std::optional<std::vector<TopicInfo>> ConsumerHub::topics_of(const Membership& member, std::string& problem) {
  auto topics = consumer_->topics(member.options.topics, kPatience);
  if (!topics) {
    const std::string& known = consumer_->last_error();
    problem = unreachable(known.empty() ? topics.error().message : known);
    return std::nullopt;
  }
  const std::string& brokers = properties_.at("bootstrap.servers");
  if (!member.options.pattern.empty()) {
    const std::regex pattern(member.options.pattern);
    std::erase_if(*topics,
                  [&](const TopicInfo& each) { return each.name.starts_with("__") || !std::regex_match(each.name, pattern); });
    if (topics->empty())
      problem = fmt::format("no topic at {} matches the pattern {}; waiting for one", brokers, member.options.pattern);
  }
  for (const TopicInfo& each : *topics)
    if (each.failure.code != kNoError || each.partitions == 0) {
      const std::string why = each.failure.text.empty() ? std::string("it has no partitions yet") : each.failure.text;
      const std::string_view advice = advice_for(why);
      problem = fmt::format("topic {} cannot be read at {}: {}; waiting for it{}{}", each.name, brokers, why,
                            advice.empty() ? "" : ": ", advice);
    }
  return std::move(*topics);
}

void ConsumerHub::refresh() {
  const auto all = members();
  std::erase_if(given_, [&](const auto& each) {
    return std::ranges::none_of(all, [&](const auto& member) { return member.get() == each.first; });
  });
  // The tasks of a spout all ask the same.
  std::map<std::pair<std::vector<std::string>, std::string>, Looked> looked;
  std::vector<Wanted> wanted;
  for (const auto& member : all) {
    Looked& found = looked[{member->options.topics, member->options.pattern}];
    if (!found.has_looked) found.topics = topics_of(*member, found.problem);
    found.has_looked = true;
    Given& given = given_[member.get()];
    given.problem = found.problem;
    if (found.topics) find_new(*member, *found.topics, wanted);
  }
  give(wanted);
  if (std::ranges::any_of(looked, [](const auto& each) { return each.second.topics.has_value(); })) look_for_replaced();
  Nanoseconds next = 60 * kSecond;
  for (const auto& member : all) {
    const Given& given = given_[member.get()];
    if (given.problem.empty()) member->set_complete();
    member->set_state(given.problem);
    next = std::min(next, given.problem.empty() ? member->options.refresh_interval : kRetry);
  }
  const std::lock_guard lock(mutex_);
  // Who came meanwhile is served at once.
  refresh_at_ = members_.size() == all.size() ? clock_.now() + next : 0;
}

void ConsumerHub::find_new(Membership& member, const std::vector<TopicInfo>& topics, std::vector<Wanted>& wanted) {
  Given& given = given_[&member];
  take_back(member, topics);
  std::size_t partitions = 0;
  for (const TopicInfo& topic : topics) {
    // What cannot be seen yet may have been there all the time.
    if (!given.has_looked)
      given.at_first[topic.name] =
          topic.failure.code == kNoError || topic.failure.code == kUnknownTopic ? topic.partitions : INT_MAX;
    partitions += static_cast<std::size_t>(topic.partitions);
    for (std::int32_t partition = 0; partition < topic.partitions; ++partition)
      if (owner_of(topic.name, partition, member.tasks) == member.index && !given.places.contains({topic.name, partition}))
        wanted.push_back({&member, {topic.name, partition}});
  }
  given.has_looked = true;
  fit(partitions);
}

// A topic that is made again has other messages under the same offsets: nothing of the old one may be committed to it.
void ConsumerHub::take_back(Membership& member, const std::vector<TopicInfo>& topics) {
  Given& given = given_[&member];
  for (const Place& place : given.places) {
    const auto found = std::ranges::find_if(topics, [&](const TopicInfo& each) { return each.name == place.first; });
    const bool is_there = found != topics.end() && found->failure.code != kUnknownTopic &&
                          (found->partitions == 0 || place.second < found->partitions);
    if (is_there || !given.leaving.insert(place).second) continue;
    member.report(Level::warn,
                  fmt::format("Kafka: topic {} has no partition {} any more: was it deleted? What was read of it and is "
                              "not done is given up",
                              place.first, place.second));
    member.assign({.topic = place.first, .partition = place.second, .start = 0, .end = kNoOffset, .reader = nullptr});
  }
}

// Whatever `start` says, what came while the member was there, or what it has read before, is not skipped.
bool ConsumerHub::is_its_own(const Membership& member, const Place& place) const {
  const Given& given = given_.at(&member);
  if (given.before.contains(place)) return true;
  const auto first = given.at_first.find(place.first);
  return first == given.at_first.end() || place.second >= first->second;
}

bool ConsumerHub::reads(std::int64_t task, const Place& place) const {
  return std::ranges::any_of(given_, [&](const auto& each) {
    return each.first->task == task && each.second.places.contains(place) && !each.second.leaving.contains(place);
  });
}

// All is asked before the first of them is read: a fetch that waits for messages holds up what is asked after it.
void ConsumerHub::give(const std::vector<Wanted>& wanted) {
  if (wanted.empty() || superseded_) return;
  const auto troubled = [&](Membership& member, std::string_view why) {
    given_[&member].problem = with_advice(
        fmt::format("group {} at {}: {}; sparse keeps trying", member.options.group, properties_.at("bootstrap.servers"), why),
        why);
  };
  const auto all_troubled = [&](const Error& error) {
    for (const Wanted& each : wanted) troubled(*each.member, error.message);
  };
  std::vector<PartitionOffset> places;
  places.reserve(wanted.size());
  for (const Wanted& each : wanted) places.push_back({.topic = each.place.first, .partition = each.place.second});
  const auto committed = consumer_->committed(places, kPatience);
  if (!committed) return all_troubled(committed.error());
  const auto marks = consumer_->watermarks(places, kPatience);
  if (!marks) return all_troubled(marks.error());
  const auto offsets = offsets_of(wanted, *committed, *marks);
  if (!offsets) return all_troubled(offsets.error());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const PartitionOffset& each = (*committed)[i];
    Membership& member = *wanted[i].member;
    if (each.failure.code != kNoError)
      troubled(member, fmt::format("the committed offset of topic {}, partition {} cannot be read: {}", each.topic,
                                   each.partition, each.failure.text));
    else if (is_read_by_another(wanted[i]))
      member.stop(
          fmt::format("topic {}, partition {} is read by another spout of the group {} already, and what one commits would "
                      "be lost to the other: give one of them a `group` of its own",
                      each.topic, each.partition, member.options.group));
    else if (!claim(each, member.task))
      return;
    else if (const auto started = start(wanted[i], (*offsets)[i], (*marks)[i]); !started)
      troubled(member, started.error().message);
  }
}

bool ConsumerHub::is_read_by_another(const Wanted& wanted) const {
  return std::ranges::any_of(
      given_, [&](const auto& each) { return each.first != wanted.member && each.second.places.contains(wanted.place); });
}

Result<bool> ConsumerHub::start(const Wanted& wanted, std::int64_t offset, const Watermarks& marks) {
  const auto& [topic, partition] = wanted.place;
  auto reader = consumer_->start(topic, partition, offset, wanted.member->wake.get());
  if (!reader) return reader.error();
  reads_ = true;
  wanted.member->assign(
      {.topic = topic, .partition = partition, .start = offset, .end = marks.high, .reader = std::move(*reader)});
  Given& given = given_[wanted.member];
  given.places.insert(wanted.place);
  given.before.insert(wanted.place);
  given.anew.erase(wanted.place);
  return true;
}

Result<std::vector<std::int64_t>> ConsumerHub::offsets_of(const std::vector<Wanted>& wanted,
                                                          const std::vector<PartitionOffset>& committed,
                                                          const std::vector<Watermarks>& marks) {
  std::vector<std::int64_t> offsets;
  std::vector<PartitionOffset> times;
  std::vector<std::size_t> timed;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const PartitionOffset& each = committed[i];
    const SpoutOptions& options = wanted[i].member->options;
    const bool own = is_its_own(*wanted[i].member, wanted[i].place);
    // What the group keeps of a topic that was made again may be of the old one.
    const bool keeps = each.offset >= 0 && !given_.at(wanted[i].member).anew.contains(wanted[i].place);
    const auto known = wanted[i].offset ? wanted[i].offset : keeps ? std::optional(each.offset) : std::nullopt;
    const StartAt at = where_to_start(own ? Start::uncommitted_earliest : options.start, known, each.metadata, topology_id_);
    switch (at.from) {
      case StartAt::From::earliest: offsets.push_back(marks[i].low); break;
      case StartAt::From::latest: offsets.push_back(marks[i].high); break;
      case StartAt::From::offset: offsets.push_back(next_there(wanted[i], at.offset, marks[i])); break;
      case StartAt::From::timestamp:
        offsets.push_back(marks[i].high);  // unless there is one
        times.push_back({.topic = each.topic,
                         .partition = each.partition,
                         .offset = options.start_at < 0 ? unix_milliseconds() + options.start_at : options.start_at});
        timed.push_back(i);
    }
  }
  if (times.empty()) return offsets;
  const auto found = consumer_->offsets_at(std::move(times), kPatience);
  if (!found) return found.error();
  for (std::size_t i = 0; i < timed.size(); ++i)
    if ((*found)[i].offset >= 0) offsets[timed[i]] = (*found)[i].offset;
  return offsets;
}

// The offset, or the nearest one that is there.
std::int64_t ConsumerHub::next_there(const Wanted& wanted, std::int64_t offset, const Watermarks& marks) {
  if (offset >= marks.low && offset <= marks.high) return offset;
  Membership& member = *wanted.member;
  const Start start = member.options.start;
  const bool to_end = !is_its_own(member, wanted.place) && (start == Start::latest || start == Start::uncommitted_latest);
  const std::int64_t next = to_end ? marks.high : marks.low;
  const std::string what = fmt::format("Kafka: topic {}, partition {}: {} is {}, but the", wanted.place.first,
                                       wanted.place.second, wanted.offset ? "the next offset" : "the committed offset", offset);
  member.report(
      Level::error,
      offset < marks.low
          ? fmt::format("{} broker has deleted all before {}: {} {} never read; going on at {}. Keep "
                        "messages longer (retention.ms), or read faster",
                        what, marks.low, counted(static_cast<std::uint64_t>(marks.low - offset), "message"),
                        marks.low - offset == 1 ? "was" : "were", next)
          : fmt::format("{} topic ends at {}: it was deleted and made again, or a broker has lost messages; going on at {}", what,
                        marks.high, next));
  return next;
}

void ConsumerHub::serve_restarts() {
  std::vector<Restart> restarts;
  {
    const std::lock_guard lock(mutex_);
    restarts.swap(restarts_);
  }
  for (const auto& [member, place, offset] : restarts) {
    Given& given = given_[member.get()];
    given.places.erase(place);
    given.witnesses.erase(place);
    if (given.leaving.erase(place) > 0) {
      const std::lock_guard lock(mutex_);
      pending_.erase(place);
      continue;  // it is new when its topic is there again
    }
    given.problem.clear();
    give({{member.get(), place, offset}});
    if (!given.problem.empty()) member->set_state(given.problem);
    // What could not be given is new at the next refresh.
  }
}

}  // namespace sparse::kafka
