// Loops on threads of their own and the real clock: what crosses them arrives, and a chain that stands does not stop another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>

#include "core/base/random.h"
#include "tests/support/topology_builder.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;
constexpr Nanoseconds kLong = 120 * kSecond;  // hangs are found by it, not slowness

/// What the instances of all tasks give here when they close.
struct Totals {
  void add(const std::map<std::string, std::uint64_t>& own) {
    const std::lock_guard lock(mutex);
    for (const auto& [key, count] : own) counts[key] += count;
  }
  std::mutex mutex;
  std::map<std::string, std::uint64_t> counts;
};

class Lines final : public Spout {
 public:
  Lines(Totals& totals, std::uint64_t count) : totals_(totals), count_(count), heard_(count) {}
  Next next(Output& out) override {
    if (emitted_ == count_) return Next::exhausted;
    const std::uint64_t id = emitted_++;
    const std::string word = "w" + std::to_string(id % 1000);
    out.emit(MessageId{id}, word + " and " + word + " again");
    return Next::emitted;
  }
  void ack(MessageId id) override { ++heard_.at(id.value); }
  void fail(MessageId, std::string_view reason) override { ++failed_[std::string(reason)]; }
  void close() override {
    totals_.add({{"acked once", static_cast<std::uint64_t>(std::count(heard_.begin(), heard_.end(), 1))},
                 {"acks", std::accumulate(heard_.begin(), heard_.end(), std::uint64_t{0})}});
    totals_.add(failed_);
  }

 private:
  Totals& totals_;
  std::uint64_t count_, emitted_ = 0;
  std::vector<std::uint8_t> heard_;
  std::map<std::string, std::uint64_t> failed_;
};

class Split final : public Bolt {
 public:
  void execute(const Tuple& line, Output& out) override {
    for (const std::string_view word : words(line.string(0))) out.emit(word);
  }
};

class Count final : public Bolt {
 public:
  explicit Count(Totals& totals) : totals_(totals) {}
  void execute(const Tuple& word, Output&) override { ++counts_[std::string(word.string(0))]; }
  void close() override { totals_.add(counts_); }

 private:
  Totals& totals_;
  std::map<std::string, std::uint64_t> counts_;
};

/// Nothing is written: a run without mistakes logs none, and the log of a test is not thread-safe.
class SilentLog final : public Log {
 public:
  void write(const LogEntry& entry) override { lines += entry.level >= Level::warn ? 1 : 0; }
  std::atomic<int> lines{0};
};

struct Threads {
  std::unique_ptr<worker::Worker> start(worker::Placement placement) {
    worker::WorkerOptions options;
    options.clock = &clock;
    options.log = &log;
    options.factory = &factory;
    options.placement = std::move(placement);
    auto made = worker::Worker::create(builder.topology, std::move(options));
    EXPECT_TRUE(made) << made.error().message;
    (*made)->start();
    return std::move(*made);
  }
  SystemClock clock;
  SilentLog log;
  LocalFactory factory;
  TopologyBuilder builder;
};

class WordCount : public testing::TestWithParam<std::tuple<int, bool, bool>> {};
INSTANTIATE_TEST_SUITE_P(Threads, WordCount, testing::Combine(testing::Values(2, 3), testing::Bool(), testing::Bool()),
                         [](const auto& row) {
                           return std::to_string(std::get<0>(row.param)) + "_loops_" +
                                  (std::get<1>(row.param) ? "acked" : "without_acks") +
                                  (std::get<2>(row.param) ? "_while_tasks_move" : "");
                         });

TEST_P(WordCount, is_exact_when_half_of_the_words_cross_loops) {
  const auto [loops, acks, moving] = GetParam();
  constexpr std::uint64_t kLines = 100'000, kSpouts = 2;
  Threads threads;
  Totals totals;
  if (!acks) threads.builder.config("topology.acker.executors", 0);
  threads.builder.spout("lines", {"line"}, kSpouts)
      .bolt("split", {"word"}, {Builder::shuffle("lines")}, 2)
      .bolt("count", {}, {Builder::fields("split", {"word"})}, 3);
  threads.factory.spouts["lines"] = [&] { return std::make_unique<Lines>(totals, kLines); };
  threads.factory.bolts["split"] = [] { return std::make_unique<Split>(); };
  threads.factory.bolts["count"] = [&] { return std::make_unique<Count>(totals); };
  {
    worker::Placement placement = worker::place(threads.builder.topology, 1, static_cast<std::uint16_t>(loops));
    if (moving) worker::add_reserve(placement);
    const auto worker = threads.start(placement);
    const Nanoseconds end = threads.clock.now() + kLong;
    Random random(1);
    int moves = 0;
    while (!worker->wait(moving ? kMillisecond : kSecond / 10) && threads.clock.now() < end) {
      worker->stats();  // asked for while it runs
      if (moving)
        moves += worker->move_task(static_cast<TaskId>(1 + random.below(7)),
                                   static_cast<std::uint16_t>(random.below(placement.loops)));
    }
    ASSERT_TRUE(worker->done());
    EXPECT_FALSE(worker->failure());
    EXPECT_EQ(moves > 0, moving);
    std::uint64_t executed = 0, crossed = 0;
    for (const auto& task : worker->stats().tasks) {
      EXPECT_TRUE(task.ended);
      executed += task.executed;
      crossed += task.crossed;
    }
    EXPECT_EQ(executed, kSpouts * kLines * 5);
    if (!moving) {
      EXPECT_GT(crossed, kSpouts * kLines);
    }
  }
  EXPECT_EQ(totals.counts["acked once"], kSpouts * kLines);
  EXPECT_EQ(totals.counts["acks"], kSpouts * kLines);
  EXPECT_EQ(totals.counts["and"], kSpouts * kLines);
  EXPECT_EQ(totals.counts["again"], kSpouts * kLines);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(totals.counts["w" + std::to_string(i)], 2 * kSpouts * kLines / 1000);
  EXPECT_EQ(totals.counts.size(), 1004u) << "and nothing failed";
  EXPECT_EQ(threads.log.lines, 0);
}

/// Counts, and stands still until it is told to go on, as a component does whose child process is not ready.
class Standing final : public worker::ExternalBolt {
 public:
  struct Seen {
    std::atomic<std::uint64_t> executed{0};
    std::atomic<Standing*> bolt{nullptr};
  };
  Standing(Seen& seen, bool stands) : seen_(seen), stands_(stands) {}
  void attach(worker::TaskHost& host) override { host_ = &host; }
  void ready(int, std::uint32_t, Output&) override {}
  void open(Context& context) override {
    context_ = &context;
    host_->pause(stands_);
    seen_.bolt.store(this);
  }
  void execute(const Tuple&, Output&) override { seen_.executed.fetch_add(1, std::memory_order_relaxed); }
  /// Any thread.
  bool go_on() {
    return context_->post([this](Output&) { host_->pause(false); });
  }

 private:
  Seen& seen_;
  bool stands_;
  Context* context_ = nullptr;
  worker::TaskHost* host_ = nullptr;
};

class ExternalFactory final : public worker::ComponentFactory {
 public:
  explicit ExternalFactory(LocalFactory& rest) : rest_(rest) {}
  std::map<std::string, std::function<std::unique_ptr<worker::ExternalBolt>()>> bolts;

  Result<ComponentSpec> describe(const topology::Component& component) override { return rest_.describe(component); }
  Result<worker::MadeComponent> make(const topology::Topology& topology, const topology::Component& component) override {
    const auto found = bolts.find(component.id);
    if (found == bolts.end()) return rest_.make(topology, component);
    auto bolt = found->second();
    worker::External* const external = bolt.get();
    return worker::MadeComponent{.bolt = std::move(bolt), .external = external};
  }
  Result<std::unique_ptr<Grouping>> make_grouping(const topology::Implementation& implementation) override {
    return rest_.make_grouping(implementation);
  }

 private:
  LocalFactory& rest_;
};

// Chain a goes from loop 0 to loop 1, chain b from loop 1 to loop 0. The sink of a stands.
TEST(Chains, do_not_stop_each_other_where_they_cross_the_same_loops) {
  constexpr std::uint64_t kLines = 200'000;
  Threads threads;
  Totals of_a, of_b;
  Standing::Seen seen_a, seen_b;
  threads.builder.spout("a", {"line"})
      .spout("b", {"line"})
      .bolt("sink-a", {}, {Builder::shuffle("a")})
      .bolt("sink-b", {}, {Builder::shuffle("b")});
  threads.factory.spouts["a"] = [&] { return std::make_unique<Lines>(of_a, kLines); };
  threads.factory.spouts["b"] = [&] { return std::make_unique<Lines>(of_b, kLines); };
  ExternalFactory factory(threads.factory);
  factory.bolts["sink-a"] = [&] { return std::make_unique<Standing>(seen_a, true); };
  factory.bolts["sink-b"] = [&] { return std::make_unique<Standing>(seen_b, false); };

  worker::WorkerOptions options;
  options.clock = &threads.clock;
  options.log = &threads.log;
  options.factory = &factory;
  options.placement = {.workers = 1, .loops = 2, .homes = {{}, {0, 0}, {0, 1}, {0, 1}, {0, 0}}};
  auto made = worker::Worker::create(threads.builder.topology, std::move(options));
  ASSERT_TRUE(made) << made.error().message;
  auto worker = std::move(*made);
  worker->start();

  const Nanoseconds end = threads.clock.now() + kLong;
  while (seen_b.executed < kLines && threads.clock.now() < end) worker->wait(kSecond / 100);
  EXPECT_EQ(seen_b.executed, kLines) << "b goes on";
  EXPECT_EQ(seen_a.executed, 0u) << "a stands";
  EXPECT_LT(worker->stats().pooled_bytes, 32u << 20);

  ASSERT_TRUE(seen_a.bolt.load());
  EXPECT_TRUE(seen_a.bolt.load()->go_on());
  ASSERT_TRUE(worker->wait(kLong));
  worker.reset();
  EXPECT_EQ(seen_a.executed, kLines);
  EXPECT_EQ(of_a.counts, (std::map<std::string, std::uint64_t>{{"acked once", kLines}, {"acks", kLines}}));
  EXPECT_EQ(of_b.counts, of_a.counts);
}

/// Notes how far the others are when its input ends.
class Last final : public Bolt {
 public:
  Last(const std::atomic<std::uint64_t>& others, std::atomic<std::uint64_t>& noted) : others_(others), noted_(noted) {}
  void execute(const Tuple&, Output&) override {}
  void finish(Output&) override { noted_ = others_.load(); }

 private:
  const std::atomic<std::uint64_t>& others_;
  std::atomic<std::uint64_t>& noted_;
};

/// Waits in each call, as code does that asks a database.
class Waiting final : public Bolt {
 public:
  explicit Waiting(std::atomic<std::uint64_t>& executed) : executed_(executed) {}
  void execute(const Tuple&, Output&) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ++executed_;
  }

 private:
  std::atomic<std::uint64_t>& executed_;
};

TEST(Blocking, tasks_wait_on_loops_of_their_own) {
  constexpr std::uint64_t kLines = 50'000, kWaits = 50;
  Threads threads;
  Totals of_a, of_b;
  std::atomic<std::uint64_t> waited{0};
  threads.builder.spout("a", {"line"}).spout("b", {"line"}).bolt("waits", {}, {Builder::shuffle("a")});
  threads.builder.last().blocking = true;
  threads.builder.bolt("split", {"word"}, {Builder::shuffle("b")}).bolt("count", {}, {Builder::shuffle("split")});
  threads.factory.spouts["a"] = [&] { return std::make_unique<Lines>(of_a, kWaits); };
  threads.factory.spouts["b"] = [&] { return std::make_unique<Lines>(of_b, kLines); };
  threads.factory.bolts["waits"] = [&] { return std::make_unique<Waiting>(waited); };
  threads.factory.bolts["split"] = [] { return std::make_unique<Split>(); };
  std::atomic<std::uint64_t> waited_when_done{kWaits};
  threads.factory.bolts["count"] = [&] { return std::make_unique<Last>(waited, waited_when_done); };
  auto worker = threads.start(worker::place(threads.builder.topology, 1, 1));
  ASSERT_TRUE(worker->wait(kLong));
  worker.reset();
  EXPECT_EQ(waited, kWaits);
  EXPECT_LT(waited_when_done, kWaits) << "on one loop, 64 lines would wait for each of its sleeps";
  EXPECT_EQ(of_a.counts["acks"], kWaits);
  EXPECT_EQ(of_b.counts["acks"], kLines);
}

}  // namespace
}  // namespace sparse::test
