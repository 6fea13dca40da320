#include "worker/kafka/embedded_watch.h"

#include <chrono>

namespace sparse::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kEvery{200}, kPatience{1000};

}  // namespace

Result<std::unique_ptr<EmbeddedWatch>> EmbeddedWatch::start(const std::string& address, std::string remedy, Tell tell) {
  // What goes wrong on the way to a broker in this process, its other clients tell.
  auto client = Consumer::create({{"bootstrap.servers", address}, {"group.id", "sparse-embedded-watch"}}, {});
  if (!client) return client.error();
  std::unique_ptr<EmbeddedWatch> watch(new EmbeddedWatch(std::move(*client), std::move(remedy), std::move(tell)));
  watch->thread_ = std::jthread([raw = watch.get()] { raw->run(); });
  return watch;
}

EmbeddedWatch::~EmbeddedWatch() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  end_.notify_all();
  thread_ = {};
  look(true);
}

void EmbeddedWatch::run() {
  std::unique_lock lock(mutex_);
  while (!end_.wait_for(lock, kEvery, [this] { return ending_; })) {
    lock.unlock();
    look(false);
    lock.lock();
  }
}

void EmbeddedWatch::look(bool last) {
  const auto topics = client_->topics({}, kPatience);
  while (client_->poll(milliseconds(0))) continue;
  if (!topics) return;
  std::vector<PartitionOffset> beginnings;
  for (const TopicInfo& topic : *topics)
    for (std::int32_t partition = 0; partition < topic.partitions; ++partition)
      beginnings.push_back({.topic = topic.name, .partition = partition, .offset = kBeginning});
  if (beginnings.empty()) return;
  const auto firsts = client_->offsets_at(std::move(beginnings), kPatience);
  if (!firsts) return;
  for (const PartitionOffset& each : *firsts) {
    if (each.failure.code != kNoError) continue;
    const std::string text = last ? losses_.seen_last(each.topic, each.partition, each.offset)
                                  : losses_.seen(each.topic, each.partition, each.offset, SystemClock().now());
    if (!text.empty()) tell_({each.topic, text});
  }
}

}  // namespace sparse::kafka
