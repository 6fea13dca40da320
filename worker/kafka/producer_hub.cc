// The hub's thread: deliveries, many at a time.
#include "worker/kafka/producer_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <utility>

#include "core/base/check.h"
#include "core/base/clock.h"
#include "worker/kafka/embedded_broker.h"

namespace sparse::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{50}, kPollBroken{1};
constexpr milliseconds kLookFor{1'000};  // nobody gets deliveries meanwhile
constexpr Nanoseconds kLookAgain = 2 * kSecond, kOutdated = 5 * kSecond;
constexpr std::size_t kUnheard = 16;
constexpr std::size_t kMembersMax = 60'000;
constexpr unsigned kTagBits = 48;

std::uint64_t tag_of(const void* about) { return reinterpret_cast<std::uint64_t>(about) & ((std::uint64_t{1} << kTagBits) - 1); }

std::size_t size_of(const Record& record) {
  return (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
}

/// With the headers, which are rare, and seldom large.
std::size_t whole_size_of(const Record& record) { return size_of(record) + header_bytes(record); }

/// Takes a limit out of the properties: the hub keeps it, since in librdkafka's queue later records would overtake those that
/// find no room.
std::uint64_t take_limit(Properties& properties, const std::string& name, std::uint64_t otherwise) {
  constexpr const char* kNone = "2147483647";
  std::uint64_t limit = otherwise;
  if (const auto given = properties.find(name); given != properties.end())
    std::from_chars(given->second.data(), given->second.data() + given->second.size(), limit);
  properties[name] = kNone;
  return limit;
}

}  // namespace

Outcomes Deliveries::take() {
  std::vector<std::shared_ptr<void>> memory;  // goes after the lock
  const std::lock_guard lock(mutex_);
  memory.swap(memory_);
  return std::exchange(outcomes_, {});
}

void Deliveries::add(Outcomes& outcomes, std::shared_ptr<void> memory) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = outcomes_.empty();
    if (memory) memory_.push_back(std::move(memory));
    if (first) {
      std::swap(outcomes_, outcomes);
    } else {
      outcomes_.delivered.insert(outcomes_.delivered.end(), outcomes.delivered.begin(), outcomes.delivered.end());
      std::ranges::move(outcomes.failed, std::back_inserter(outcomes_.failed));
    }
  }
  if (first) wake.wake();
}

void Deliveries::report(Level level, std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (report_) report_(level, text);
}

void Deliveries::leave() {
  take();
  {
    const std::lock_guard lock(producing_);
    producer_.reset();
  }
  const std::lock_guard lock(mutex_);
  report_ = {};
}

ProducerHub::ProducerHub(Properties properties, std::shared_ptr<SharedQuota> quota)
    : properties_(std::move(properties)),
      quota_(std::move(quota)),
      most_records_(take_limit(properties_, "queue.buffering.max.messages", 100'000)),
      most_bytes_(take_limit(properties_, "queue.buffering.max.kbytes", 1 << 20) << 10) {
  if (most_records_ == 0) most_records_ = std::numeric_limits<std::uint64_t>::max();  // librdkafka's word for no limit
}

Result<std::unique_ptr<Producer>> ProducerHub::make() {
  return Producer::create(properties_, [this](Level level, std::string_view text) { report(level, text); });
}

void ProducerHub::report(Level level, std::string_view text) {
  std::shared_ptr<Deliveries> first;
  {
    const std::lock_guard lock(members_mutex_);
    for (const auto& each : members_)
      if (each && !first) first = each;
    if (!first && unheard_.size() < kUnheard) unheard_.emplace_back(level, text);
  }
  if (first) first->report(level, text);
}

Result<std::shared_ptr<ProducerHub>> ProducerHub::create(Properties properties, std::shared_ptr<SharedQuota> quota) {
  std::shared_ptr<ProducerHub> hub(new ProducerHub(std::move(properties), std::move(quota)));
  auto producer = hub->make();
  if (!producer) return producer.error();
  hub->producer_ = std::move(*producer);
  hub->thread_ = std::jthread([raw = hub.get()] { raw->run(); });
  return hub;
}

ProducerHub::~ProducerHub() {
  stopping_.store(true);
  {
    const std::lock_guard lock(members_mutex_);
    if (producer_) producer_->interrupt();
  }
  thread_ = {};
}

std::shared_ptr<Deliveries> ProducerHub::join(Report report) {
  std::vector<std::pair<Level, std::string>> unheard;
  std::shared_ptr<Deliveries> member;
  {
    const std::lock_guard lock(members_mutex_);
    if (members_.size() >= kMembersMax) return nullptr;
    member = members_.emplace_back(std::make_shared<Deliveries>(static_cast<std::uint16_t>(members_.size()), std::move(report)));
    member->producer_ = producer_;
    unheard.swap(unheard_);
  }
  for (const auto& [level, text] : unheard) member->report(level, text);
  return member;
}

void ProducerHub::leave(const std::shared_ptr<Deliveries>& member) {
  {
    const std::lock_guard lock(members_mutex_);
    members_[member->number] = nullptr;
  }
  member->leave();
}

void* ProducerHub::about(const Deliveries& member, std::uint64_t tag) {
  SPARSE_CHECK(tag >> kTagBits == 0);
  return reinterpret_cast<void*>(std::uint64_t{member.number} << kTagBits | tag);
}

std::size_t ProducerHub::produce(std::span<const Record> records, Deliveries& to, std::vector<Outcome>& refused) {
  const std::size_t taken = take_room(records);
  const std::lock_guard producing(to.producing_);
  for (std::span<const Record> rest = records.first(taken); !rest.empty();) {
    const std::size_t count = quota_ ? refuse_by_quota(rest, refused) : rest.size();
    to.producer_->produce_all(rest.first(count), [&](std::size_t place, const Failure& failure) {
      refuse(rest[place], failure, refused);
      if (!quota_) return;
      const std::lock_guard lock(quota_->mutex);
      quota_->quota.failed(rest[place].topic, whole_size_of(rest[place]));
    });
    rest = rest.subspan(count == rest.size() ? count : count + 1);
  }
  return taken;
}

/// Room for so many from the front. One alone has it always: no limit is too small for a record.
std::size_t ProducerHub::take_room(std::span<const Record> records) {
  const std::uint64_t waiting = under_way_.load(std::memory_order_acquire);
  const std::uint64_t waiting_bytes = bytes_under_way_.load(std::memory_order_relaxed);
  std::uint64_t bytes = 0;
  std::size_t taken = 0;
  for (; taken < records.size(); ++taken) {
    const std::size_t size = size_of(records[taken]);
    const bool alone = waiting + taken == 0;
    if (!alone && (waiting + taken >= most_records_ || waiting_bytes + bytes + size > most_bytes_)) break;
    bytes += size;
  }
  under_way_.fetch_add(taken, std::memory_order_relaxed);
  bytes_under_way_.fetch_add(bytes, std::memory_order_relaxed);
  return taken;
}

/// How many may go in front of the first that may not, which is refused.
std::size_t ProducerHub::refuse_by_quota(std::span<const Record> records, std::vector<Outcome>& refused) {
  const std::lock_guard lock(quota_->mutex);
  std::size_t count = 0;
  while (count < records.size() && quota_->quota.take(records[count].topic, whole_size_of(records[count]))) ++count;
  if (count < records.size())
    refuse(records[count],
           {.code = -1,
            .text = fmt::format("the embedded broker is full: it keeps at most {} MiB in a partition, in memory, and would drop "
                                "the oldest messages of topic {}; use a real Kafka for more (`brokers: HOST:PORT`)",
                                kEmbeddedPartitionBytes >> 20, records[count].topic)},
           refused);
  return count;
}

void ProducerHub::refuse(const Record& record, const Failure& failure, std::vector<Outcome>& refused) {
  refused.push_back({tag_of(record.about), failure.text, failure.refused});
  bytes_under_way_.fetch_sub(size_of(record), std::memory_order_relaxed);
  under_way_.fetch_sub(1, std::memory_order_release);
}

void ProducerHub::keep(const Delivery& delivery) {
  const auto number = static_cast<std::uint16_t>(reinterpret_cast<std::uint64_t>(delivery.about) >> kTagBits);
  const std::uint64_t tag = tag_of(delivery.about);
  found_bytes_ += delivery.size;
  if (number >= found_.size()) found_.resize(number + 1u);
  Outcomes& outcomes = found_[number];
  if (outcomes.empty()) found_of_.push_back(number);
  if (delivery.failure)
    outcomes.failed.push_back({tag, why(delivery), delivery.failure->refused});
  else
    outcomes.delivered.push_back(tag);
  if (!quota_) return;
  const std::lock_guard lock(quota_->mutex);
  const std::size_t size = delivery.size + header_bytes(delivery);
  if (delivery.failure)
    quota_->quota.failed(delivery.topic, size);
  else
    quota_->quota.delivered(delivery.topic, delivery.partition, size, delivery.begins_batch);
}

// Whoever gets the last outcomes gets the memory itself: it is free when that task has taken them, and there is room to produce.
void ProducerHub::hand_out(std::shared_ptr<void> memory) {
  const std::lock_guard lock(members_mutex_);
  for (const std::uint16_t number : found_of_) {
    Outcomes& outcomes = found_[number];
    const bool last = number == found_of_.back();
    const std::size_t count = outcomes.size();
    if (number < members_.size() && members_[number]) members_[number]->add(outcomes, last ? std::move(memory) : memory);
    outcomes = {};
    under_way_.fetch_sub(count, std::memory_order_release);
  }
  found_of_.clear();
  bytes_under_way_.fetch_sub(std::exchange(found_bytes_, 0), std::memory_order_relaxed);
}

void ProducerHub::run() {
  while (!stopping_.load()) {
    serve(*producer_, broken_.empty() ? kPoll : kPollBroken);
    if (producer_->broken()) replace();
    std::erase_if(broken_, [this](const auto& each) { return gives_up(*each); });
    if (asked_.load(std::memory_order_relaxed)) look_for_troubles();
  }
}

// Brokers are asked for the topics, too, so that a client that has given up a topic notices when it is there.
void ProducerHub::look_for_troubles() {
  const SystemClock clock;
  if (looked_at_ != 0 && clock.now() - looked_at_ < kLookAgain) return;
  asked_.store(false, std::memory_order_relaxed);
  const auto topics = producer_->own_topics(kLookFor);
  Troubles found = troubles_of(topics, producer_->last_error(), brokers());
  const std::lock_guard lock(troubles_mutex_);
  troubles_ = std::move(found);
  looked_at_ = clock.now();
}

std::string ProducerHub::trouble(std::string_view topic) const {
  const std::lock_guard lock(troubles_mutex_);
  if (looked_at_ == 0 || SystemClock().now() - looked_at_ > kOutdated) return {};
  return std::string(troubles_.of(topic));
}

std::string ProducerHub::brokers() const {
  const auto found = properties_.find("bootstrap.servers");
  return found == properties_.end() ? std::string() : found->second;
}

/// A record that was late is told with what it has waited for.
std::string ProducerHub::why(const Delivery& delivery) const {
  const Failure& failure = *delivery.failure;
  if (failure.code != kRecordTimedOut) return failure.text;
  std::string cause = trouble(delivery.topic);
  if (cause.empty() && !producer_->last_error().empty())
    cause = troubles_of(Error{""}, producer_->last_error(), brokers()).brokers;
  return cause.empty() ? failure.text : fmt::format("{}: {}", failure.text, cause);
}

/// False if nothing came.
bool ProducerHub::serve(Producer& producer, milliseconds at_most) {
  std::shared_ptr<void> memory;
  const bool came = producer.poll(at_most, [this](const Delivery& delivery) { keep(delivery); }, &memory);
  if (!found_of_.empty()) hand_out(std::move(memory));
  return came;
}

// What was under way fails, and will be emitted again by the spouts: nothing is lost. Each record needs its outcome, or its task
// waits for it without end: only when no task is in the middle of producing with the broken one, no more records come to it.
void ProducerHub::replace() {
  auto fresh = make();
  if (!fresh) {  // the same properties were good before: memory or threads are short
    producer_->purge();
    if (!std::exchange(told_, true))
      report(Level::error,
             fmt::format("Kafka: the producer broke, and no other can be made: {}; sparse keeps trying", fresh.error().message));
    return;
  }
  told_ = false;
  const std::lock_guard lock(members_mutex_);
  broken_.push_back(std::exchange(producer_, std::move(*fresh)));
  for (const auto& member : members_) {
    if (!member) continue;
    const std::lock_guard producing(member->producing_);
    member->producer_ = producer_;
  }
}

/// Whether each of its records has its outcome, and their memory was given back.
bool ProducerHub::gives_up(Producer& broken) {
  broken.purge();
  while (serve(broken, milliseconds(0))) {
  }
  return broken.waiting() == 0;
}

bool ProducerHub::flush(milliseconds at_most) {
  const SystemClock clock;
  const Nanoseconds until = clock.now() + at_most.count() * kMillisecond;
  while (clock.now() < until) {
    if (under_way_.load(std::memory_order_acquire) == 0) return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

}  // namespace sparse::kafka
