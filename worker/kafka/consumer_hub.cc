// The hub's thread, and what it commits.
#include "worker/kafka/consumer_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace sparse::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{100};
constexpr milliseconds kNudge{5};            // it is asked to wake somebody: the answer does not matter
constexpr Nanoseconds kRetry = kSecond / 2;  // after an error
constexpr Nanoseconds kLookForOthers = 2 * kSecond;
constexpr Nanoseconds kFresh = kSecond / 5;         // so old may be what is known of others when something is committed
constexpr Nanoseconds kGather = 20 * kMillisecond;  // tasks come together, and are served together

}  // namespace

Result<std::unique_ptr<Consumer>> ConsumerHub::make(std::size_t partitions) {
  planned_ = std::max<std::size_t>(partitions, 4);
  const std::int64_t share = std::max<std::int64_t>(prefetch_ / static_cast<std::int64_t>(planned_), 16);
  Properties properties = properties_;
  properties.try_emplace("queued.max.messages.kbytes", std::to_string(share));
  properties.try_emplace("queued.min.messages", "100000");
  properties.try_emplace("fetch.message.max.bytes",
                         std::to_string(std::clamp<std::int64_t>(share * 1024 / 2, 16'384, 1'048'576)));
  return Consumer::create(std::move(properties), [this](Level level, std::string_view text) { report(level, text); });
}

void ConsumerHub::report(Level level, std::string_view text) const {
  if (const auto all = members(); !all.empty()) all.front()->report(level, text);
}

Result<std::shared_ptr<ConsumerHub>> ConsumerHub::create(Properties properties, std::int64_t prefetch, std::string topology_id) {
  std::shared_ptr<ConsumerHub> hub(new ConsumerHub(std::move(properties), prefetch, std::move(topology_id)));
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
    refresh_at_ = clock_.now() + kGather;
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

void ConsumerHub::restart(const Membership& member, const std::string& topic, std::int32_t partition,
                          std::optional<std::int64_t> offset) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& each : members_)
      if (each.get() == &member) restarts_.push_back({each, {topic, partition}, offset});
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
  std::erase_if(restarts_, [&](const Restart& each) { return each.member == member; });
  lock.unlock();
  member->leave();
  return done;
}

void ConsumerHub::run() {
  while (true) {
    const Nanoseconds now = clock_.now();
    bool refreshes = false;
    milliseconds wait = kPoll;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      refreshes = now >= refresh_at_ && !members_.empty();
      if (!refreshes && !members_.empty()) wait = std::min(wait, milliseconds((refresh_at_ - now) / kMillisecond + 1));
    }
    serve_restarts();
    serve_nudges();
    look_for_others(kLookForOthers);
    if (refreshes && !superseded_) refresh();
    start_commit();
    if (const auto outcome = consumer_->poll(wait)) on_committed(*outcome);
  }
}

void ConsumerHub::start_commit() {
  std::vector<PartitionOffset> offsets;
  const auto is_due = [this] { return in_flight_.empty() && !pending_.empty() && clock_.now() >= commit_at_; };
  {
    const std::lock_guard lock(mutex_);
    if (!is_due()) return;
  }
  look_for_others(kFresh);
  {
    const std::lock_guard lock(mutex_);
    if (superseded_) {
      pending_.clear();
      commit_done_.notify_all();
    }
    if (!is_due()) return;
    in_flight_.swap(pending_);
    for (const auto& [place, what] : in_flight_)
      offsets.push_back({.topic = place.first,
                         .partition = place.second,
                         .offset = what.offset,
                         .metadata = commit_metadata(identity_at(place), what.task)});
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
      if (each.failure.code == kNoError) claims_[found->first].offset = each.offset;
      if (each.failure.code == kNoError || !reads(found->second.task, found->first)) continue;
      problem = fmt::format("the offset {} of topic {}, partition {} is not committed yet in group {}: {}; it is tried again",
                            each.offset, each.topic, each.partition, properties_.at("group.id"), each.failure.text);
      pending_.try_emplace(found->first, found->second);  // unless there is a newer one
      commit_at_ = clock_.now() + kRetry;
    }
    in_flight_.clear();
    all = members_;
  }
  const bool tells = problem.empty() == commits_fail_ && !all.empty();
  if (tells) {
    commits_fail_ = !problem.empty();
    all.front()->report(commits_fail_ ? Level::warn : Level::info,
                        "Kafka: " + (commits_fail_ ? problem : std::string("offsets are committed again")));
  }
  for (const auto& member : all)
    if (const auto found = by_task.find(member->task); found != by_task.end()) member->committed(std::move(found->second));
  commit_done_.notify_all();
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
