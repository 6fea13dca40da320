// The hub's thread: deliveries, many at a time.
#include "worker/kafka/producer_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/check.h"
#include "core/base/clock.h"
#include "worker/kafka/embedded_broker.h"

namespace sparse::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{50};
constexpr std::size_t kMembersMax = 60'000;

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
  producer_.reset();
  const std::lock_guard lock(mutex_);
  report_ = {};
}

Result<std::unique_ptr<Producer>> ProducerHub::make() {
  return Producer::create(properties_, [this](Level level, std::string_view text) {
    std::shared_ptr<Deliveries> first;
    {
      const std::lock_guard lock(members_mutex_);
      for (const auto& each : members_)
        if (each && !first) first = each;
    }
    if (first) first->report(level, text);
  });
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
  if (producer_) producer_->interrupt();
  thread_ = {};
}

std::shared_ptr<Deliveries> ProducerHub::join(Report report) {
  const std::lock_guard lock(members_mutex_);
  if (members_.size() >= kMembersMax) return nullptr;
  members_.push_back(std::make_shared<Deliveries>(static_cast<std::uint16_t>(members_.size()), std::move(report)));
  return members_.back();
}

void ProducerHub::leave(const std::shared_ptr<Deliveries>& member) {
  {
    const std::lock_guard lock(members_mutex_);
    members_[member->number] = nullptr;
  }
  member->leave();
}

Failure ProducerHub::produce(const Record& record, Deliveries& to, std::uint64_t tag) {
  SPARSE_CHECK(tag >> kTagBits == 0);
  const std::size_t size = (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
  if (quota_) {
    const std::lock_guard lock(quota_->mutex);
    if (!quota_->quota.take(record.topic, size))
      return {
          .code = -1,
          .text = fmt::format("the embedded broker is full: it keeps at most {} MiB in a partition, in memory, and would drop "
                              "the oldest messages of topic {}; use a real Kafka for more (`brokers: HOST:PORT`)",
                              kEmbeddedPartitionBytes >> 20, record.topic)};
  }
  Failure failure;
  under_way_.fetch_add(1, std::memory_order_relaxed);
  if (const auto now = generation_.load(std::memory_order_acquire); to.generation_ != now) {
    const std::lock_guard lock(producer_mutex_);
    to.producer_ = producer_;
    to.generation_ = now;
  }
  failure = to.producer_->produce(record, reinterpret_cast<void*>(std::uint64_t{to.number} << kTagBits | tag));
  if (failure.code != kNoError) under_way_.fetch_sub(1, std::memory_order_release);
  if (failure.code != kNoError && quota_) {
    const std::lock_guard lock(quota_->mutex);
    quota_->quota.delivered(record.topic, -1, size, true);
  }
  return failure;
}

void ProducerHub::keep(const Delivery& delivery) {
  const auto about = reinterpret_cast<std::uint64_t>(delivery.about);
  const auto number = static_cast<std::uint16_t>(about >> kTagBits);
  const std::uint64_t tag = about & ((std::uint64_t{1} << kTagBits) - 1);
  if (number >= found_.size()) found_.resize(number + 1u);
  Outcomes& outcomes = found_[number];
  if (outcomes.empty()) found_of_.push_back(number);
  if (delivery.failure)
    outcomes.failed.push_back({tag, delivery.failure->text, delivery.failure->refused});
  else
    outcomes.delivered.push_back(tag);
  if (!quota_) return;
  const std::lock_guard lock(quota_->mutex);
  quota_->quota.delivered(delivery.topic, delivery.partition, delivery.size, delivery.failure.has_value());
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
}

void ProducerHub::run() {
  const auto keep = [this](const Delivery& delivery) { this->keep(delivery); };
  while (!stopping_.load()) {
    std::shared_ptr<void> memory;
    producer_->poll(kPoll, keep, &memory);
    if (!found_of_.empty()) hand_out(std::move(memory));
    if (!producer_->broken()) continue;
    // Each record needs its outcome, or its task waits for it without end. A task that was in the middle of producing when the
    // producer broke puts its record behind what was purged, so this is done until nothing is left.
    while (producer_->waiting() > 0 && !stopping_.load()) {
      producer_->purge();
      producer_->poll(kPoll, keep);
      hand_out(nullptr);
    }
    replace();
  }
}

// What was under way has failed, and will be emitted again by the spouts: nothing is lost.
void ProducerHub::replace() {
  auto fresh = make();
  if (!fresh) return;  // the same properties were good before
  const std::lock_guard lock(producer_mutex_);
  producer_ = std::move(*fresh);
  generation_.fetch_add(1, std::memory_order_release);
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
