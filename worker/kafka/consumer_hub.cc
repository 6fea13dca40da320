// The hub's thread: metadata, first offsets, commits.
#include "worker/kafka/consumer_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace sparse::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{100};
constexpr milliseconds kPatience{3000};
constexpr milliseconds kNudge{200};
constexpr Nanoseconds kRetry = kSecond / 2;  // after an error

}  // namespace

Result<std::unique_ptr<Consumer>> ConsumerHub::make(std::size_t partitions) {
  planned_ = std::max<std::size_t>(partitions, 4);
  const std::int64_t share = std::max<std::int64_t>(prefetch_ / static_cast<std::int64_t>(planned_), 16);
  Properties properties = properties_;
  properties.try_emplace("queued.max.messages.kbytes", std::to_string(share));
  properties.try_emplace("queued.min.messages", "100000");
  properties.try_emplace("fetch.message.max.bytes",
                         std::to_string(std::clamp<std::int64_t>(share * 1024 / 2, 16'384, 1'048'576)));
  return Consumer::create(std::move(properties), [this](Level level, std::string_view text) {
    // To the first who is there: the client is everybody's.
    if (const auto all = members(); !all.empty()) all.front()->report(level, text);
  });
}

Result<std::shared_ptr<ConsumerHub>> ConsumerHub::create(Properties properties, std::int64_t prefetch, const Identity& identity) {
  std::shared_ptr<ConsumerHub> hub(new ConsumerHub(std::move(properties), prefetch, identity));
  auto consumer = hub->make(0);
  if (!consumer) return consumer.error();
  hub->consumer_ = std::move(*consumer);
  hub->thread_ = std::jthread([raw = hub.get()] { raw->run(); });
  return hub;
}

// The limits of a client hold for each partition, and cannot be changed: before the first one is read, it is cheap to begin anew.
void ConsumerHub::fit(std::size_t partitions) {
  if (reads_ || partitions <= planned_) return;
  auto fitting = make(partitions);
  if (!fitting) return;  // the same properties were good before
  const std::lock_guard lock(mutex_);
  consumer_.swap(*fitting);
}

ConsumerHub::~ConsumerHub() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  interrupt();
  thread_ = {};
}

void ConsumerHub::interrupt() {
  const std::lock_guard lock(mutex_);
  if (consumer_) consumer_->interrupt();
}

std::vector<std::shared_ptr<Membership>> ConsumerHub::members() const {
  const std::lock_guard lock(mutex_);
  return members_;
}

std::shared_ptr<Membership> ConsumerHub::join(std::uint32_t index, std::uint32_t tasks, std::int64_t task, SpoutOptions options,
                                              Report report) {
  auto member = std::make_shared<Membership>(index, tasks, task, std::move(options), std::move(report));
  {
    const std::lock_guard lock(mutex_);
    members_.push_back(member);
    refresh_at_ = 0;
  }
  interrupt();
  return member;
}

void ConsumerHub::commit(const Membership& member, const std::vector<PartitionOffset>& positions) {
  {
    const std::lock_guard lock(mutex_);
    for (const PartitionOffset& each : positions) pending_[{each.topic, each.partition}] = {each.offset, member.task};
  }
  interrupt();
}

void ConsumerHub::restart(const Membership& member, const std::string& topic, std::int32_t partition) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& each : members_)
      if (each.get() == &member) restarts_.push_back({each, {topic, partition}});
  }
  interrupt();
}

void ConsumerHub::nudge(const std::string& topic, std::int32_t partition) {
  {
    const std::lock_guard lock(mutex_);
    nudges_.insert({topic, partition});
  }
  interrupt();
}

bool ConsumerHub::leave(const std::shared_ptr<Membership>& member, Nanoseconds at_most) {
  std::unique_lock lock(mutex_);
  const auto is_open = [&](const std::map<Place, Pending>& places) {
    return std::ranges::any_of(places, [&](const auto& each) { return each.second.task == member->task; });
  };
  commit_at_ = 0;
  consumer_->interrupt();  // under the lock
  const bool done =
      commit_done_.wait_for(lock, std::chrono::nanoseconds(at_most), [&] { return !is_open(pending_) && !is_open(in_flight_); });
  std::erase(members_, member);
  std::erase_if(restarts_, [&](const auto& each) { return each.first == member; });
  lock.unlock();
  member->leave();
  return done;
}

void ConsumerHub::run() {
  while (true) {
    const Nanoseconds now = clock_.now();
    bool refreshes = false;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      refreshes = now >= refresh_at_ && !members_.empty();
    }
    serve_restarts();
    serve_nudges();
    if (refreshes) refresh();
    start_commit();
    if (const auto outcome = consumer_->poll(kPoll)) on_committed(*outcome);
  }
}

void ConsumerHub::start_commit() {
  std::vector<PartitionOffset> offsets;
  {
    const std::lock_guard lock(mutex_);
    if (!in_flight_.empty() || pending_.empty() || clock_.now() < commit_at_) return;
    in_flight_.swap(pending_);
    for (const auto& [place, what] : in_flight_)
      offsets.push_back({.topic = place.first,
                         .partition = place.second,
                         .offset = what.offset,
                         .metadata = commit_metadata(identity_, what.task)});
  }
  commit_started_ = clock_.now();
  if (const auto started = consumer_->commit(offsets); !started) {
    for (PartitionOffset& each : offsets) each.failure = {.code = kQueueFull, .text = started.error().message};
    on_committed(offsets);
  }
}

void ConsumerHub::on_committed(const std::vector<PartitionOffset>& outcome) {
  const Nanoseconds took = clock_.now() - commit_started_;
  std::map<std::int64_t, CommitReport> by_task;
  std::string problem;
  std::vector<std::shared_ptr<Membership>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const PartitionOffset& each : outcome) {
      const auto found = in_flight_.find({each.topic, each.partition});
      if (found == in_flight_.end()) continue;
      by_task[found->second.task].offsets.push_back(each);
      by_task[found->second.task].took = took;
      if (each.failure.code == kNoError) continue;
      problem = fmt::format("the offset {} of topic {}, partition {} is not committed yet: {}", each.offset, each.topic,
                            each.partition, each.failure.text);
      pending_.try_emplace(found->first, found->second);  // unless there is a newer one
      commit_at_ = clock_.now() + kRetry;
    }
    in_flight_.clear();
    all = members_;
  }
  for (const auto& member : all) {
    if (!problem.empty()) member->report(Level::warn, "Kafka: " + problem + "; it is tried again");
    if (const auto found = by_task.find(member->task); found != by_task.end()) member->committed(std::move(found->second));
  }
  commit_done_.notify_all();
}

std::vector<TopicInfo> ConsumerHub::topics_of(const Membership& member) {
  auto topics = consumer_->topics(member.options.topics, kPatience);
  if (!topics) {
    problem_ = topics.error().message + "; sparse keeps trying";
    return {};
  }
  if (!member.options.pattern.empty()) {
    const std::regex pattern(member.options.pattern);
    std::erase_if(*topics,
                  [&](const TopicInfo& each) { return each.name.starts_with("__") || !std::regex_match(each.name, pattern); });
    if (topics->empty()) problem_ = fmt::format("no topic matches the pattern {}; waiting for one", member.options.pattern);
  }
  for (const TopicInfo& each : *topics)
    if (each.failure.code != kNoError || each.partitions == 0)
      problem_ = fmt::format("topic {} cannot be read: {}; waiting for it", each.name,
                             each.failure.text.empty() ? std::string("it has no partitions") : each.failure.text);
  return std::move(*topics);
}

void ConsumerHub::refresh() {
  Nanoseconds next = 60 * kSecond;
  const auto all = members();
  std::erase_if(given_, [&](const auto& each) {
    return std::ranges::none_of(all, [&](const auto& member) { return member.get() == each.first; });
  });
  for (const auto& member : all) {
    problem_.clear();
    const std::vector<TopicInfo> topics = topics_of(*member);
    std::vector<Place> fresh;
    std::set<Place>& given = given_[member.get()];
    std::size_t partitions = 0;
    for (const TopicInfo& topic : topics) {
      partitions += static_cast<std::size_t>(topic.partitions);
      for (std::int32_t partition = 0; partition < topic.partitions; ++partition)
        if (owner_of(topic.name, partition, member->tasks) == member->index && !given.contains({topic.name, partition}))
          fresh.emplace_back(topic.name, partition);
    }
    const bool knows_all = problem_.empty();
    fit(partitions);
    if (!fresh.empty()) give(*member, fresh, false);
    const bool has_all = knows_all && std::ranges::all_of(fresh, [&](const Place& each) { return given.contains(each); });
    if (has_all) member->set_complete();
    member->set_state(problem_);
    next = std::min(next, has_all ? member->options.refresh_interval : kRetry);
  }
  const std::lock_guard lock(mutex_);
  // Who came meanwhile is served at once.
  refresh_at_ = members_.size() == all.size() ? clock_.now() + next : 0;
}

void ConsumerHub::give(Membership& member, const std::vector<Place>& places, bool again) {
  std::vector<PartitionOffset> wanted;
  wanted.reserve(places.size());
  for (const auto& [topic, partition] : places) wanted.push_back({.topic = topic, .partition = partition});
  const auto committed = consumer_->committed(std::move(wanted), kPatience);
  if (!committed) {
    problem_ = committed.error().message + "; sparse keeps trying";
    return;
  }
  for (const PartitionOffset& each : *committed) {
    if (each.failure.code != kNoError) {
      problem_ = fmt::format("the committed offset of topic {}, partition {} cannot be read: {}; sparse keeps trying", each.topic,
                             each.partition, each.failure.text);
      continue;
    }
    if (is_superseded(each.metadata, identity_)) {
      member.stop(fmt::format("a later start of this topology reads topic {}, partition {} in the group {}: this one ends",
                              each.topic, each.partition, member.options.group));
      return;
    }
    if (start(member, each, again)) given_[&member].insert({each.topic, each.partition});
  }
}

bool ConsumerHub::start(Membership& member, const PartitionOffset& committed, bool again) {
  const auto marks = consumer_->watermarks(committed.topic, committed.partition, kPatience);
  if (!marks) {
    problem_ = marks.error().message + "; sparse keeps trying";
    return false;
  }
  const auto offset = offset_of(member, committed, again, *marks);
  if (!offset) {
    problem_ = offset.error().message + "; sparse keeps trying";
    return false;
  }
  auto reader = consumer_->start(committed.topic, committed.partition, *offset, member.wake.get());
  if (!reader) {
    problem_ = reader.error().message + "; sparse keeps trying";
    return false;
  }
  reads_ = true;
  member.assign({.topic = committed.topic,
                 .partition = committed.partition,
                 .start = *offset,
                 .end = marks->high,
                 .reader = std::move(*reader)});
  return true;
}

Result<std::int64_t> ConsumerHub::offset_of(Membership& member, const PartitionOffset& committed, bool again,
                                            const Watermarks& marks) {
  const SpoutOptions& options = member.options;
  const auto known = committed.offset >= 0 ? std::optional(committed.offset) : std::nullopt;
  // A reader that lost its place goes on where it was, if that is still there.
  const Start policy = again && known ? Start::uncommitted_earliest : options.start;
  const StartAt at = where_to_start(policy, known, committed.metadata, identity_);
  const std::string place = fmt::format("topic {}, partition {}", committed.topic, committed.partition);
  switch (at.from) {
    case StartAt::From::earliest: return marks.low;
    case StartAt::From::latest: return marks.high;
    case StartAt::From::timestamp: {
      const std::int64_t time = options.start_at < 0 ? unix_milliseconds() + options.start_at : options.start_at;
      auto found =
          consumer_->offsets_at({{.topic = committed.topic, .partition = committed.partition, .offset = time}}, kPatience);
      if (!found) return found.error();
      return found->front().offset >= 0 ? found->front().offset : marks.high;
    }
    case StartAt::From::offset: break;
  }
  if (at.offset >= marks.low && at.offset <= marks.high) return at.offset;
  const bool to_end = options.start == Start::latest || options.start == Start::uncommitted_latest;
  const std::int64_t next = to_end ? marks.high : marks.low;
  member.report(
      Level::error,
      at.offset < marks.low
          ? fmt::format("Kafka: {}: the committed offset is {}, but the broker has deleted all before {}: {} messages were never "
                        "read; going on at {}. Keep messages longer (retention.ms), or read faster",
                        place, at.offset, marks.low, marks.low - at.offset, next)
          : fmt::format(
                "Kafka: {}: the committed offset is {}, but the topic ends at {}: it was deleted and made again; going on at {}",
                place, at.offset, marks.high, next));
  return next;
}

void ConsumerHub::serve_restarts() {
  std::vector<std::pair<std::shared_ptr<Membership>, Place>> restarts;
  {
    const std::lock_guard lock(mutex_);
    restarts.swap(restarts_);
  }
  for (const auto& [member, place] : restarts) {
    given_[member.get()].erase(place);
    problem_.clear();
    give(*member, {place}, true);
    if (!problem_.empty()) member->set_state(problem_);
    // What could not be given is new at the next refresh.
  }
}

// Any request to the leader of the partition wakes the thread that fetches from it.
void ConsumerHub::serve_nudges() {
  std::set<Place> nudges;
  {
    const std::lock_guard lock(mutex_);
    nudges.swap(nudges_);
  }
  for (const auto& [topic, partition] : nudges) static_cast<void>(consumer_->watermarks(topic, partition, kNudge));
}

}  // namespace sparse::kafka
