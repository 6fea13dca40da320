// Loops that sleep most of the time: a wake-up that is lost costs a minute, and is seen by that.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "tests/support/topology_builder.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;
constexpr Nanoseconds kLessThanASleep = 55 * kSecond;  // a loop without a deadline looks again after 60 s

class QuietLog final : public Log {
 public:
  void write(const LogEntry&) override {}
};

/// A spout that does nothing until it is told that all is done: without its idle looks, its loop sleeps as the others do.
class Waiting final : public worker::ExternalSpout {
 public:
  struct Handle {
    std::atomic<Waiting*> spout{nullptr};
    std::atomic<bool> done{false};
  };
  Waiting(Handle& handle, bool emits) : handle_(handle), emits_(emits) {}
  void attach(worker::TaskHost& host) override { host_ = &host; }
  void ready(int, std::uint32_t, Output&) override {}
  void open(Context& context) override {
    context_ = &context;
    handle_.spout.store(this);
  }
  Next next(Output& out) override {
    if (handle_.done.load()) return Next::exhausted;
    if (std::exchange(emits_, false)) out.emit(std::int64_t{0});
    out.wake_after(3600 * kSecond);
    return Next::idle;
  }
  /// Any thread.
  static void end(Handle& handle) {
    handle.done.store(true);
    Waiting* const spout = handle.spout.load();
    spout->context_->post([spout](Output&) { spout->host_->wake(); });
  }

 private:
  Handle& handle_;
  bool emits_;  ///< one tuple, at first
  Context* context_ = nullptr;
  worker::TaskHost* host_ = nullptr;
};

class Factory final : public worker::ComponentFactory {
 public:
  std::map<std::string, std::function<worker::MadeComponent()>> made;
  Result<ComponentSpec> describe(const topology::Component&) override { return ComponentSpec{}; }
  Result<worker::MadeComponent> make(const topology::Topology&, const topology::Component& component) override {
    return made.at(component.id)();
  }
  Result<std::unique_ptr<Grouping>> make_grouping(const topology::Implementation&) override { return Error{"there is none"}; }
};

class Bolts final : public Bolt {
 public:
  using Function = std::function<void(const Tuple&, Output&)>;
  Bolts(Function function, std::function<void(Context&)> opened) : function_(std::move(function)), opened_(std::move(opened)) {}
  void open(Context& context) override {
    if (opened_) opened_(context);
  }
  void execute(const Tuple& input, Output& out) override { function_(input, out); }

 private:
  Function function_;
  std::function<void(Context&)> opened_;
};

class Sleeping : public testing::Test {
 protected:
  Sleeping() { builder.config("topology.acker.executors", 0); }
  void waiting_spout(bool emits) {
    builder.spout("waiting", {"n"});
    factory.made["waiting"] = [this, emits] {
      auto spout = std::make_unique<Waiting>(handle, emits);
      worker::External* const external = spout.get();
      return worker::MadeComponent{.spout = std::move(spout), .external = external};
    };
  }
  void bolt(const std::string& id, std::vector<std::string> fields, std::vector<topology::Input> inputs, Bolts::Function function,
            std::function<void(Context&)> opened = {}) {
    builder.bolt(id, std::move(fields), std::move(inputs));
    factory.made[id] = [function, opened] { return worker::MadeComponent{.bolt = std::make_unique<Bolts>(function, opened)}; };
  }
  void start(worker::Placement placement) {
    worker::WorkerOptions options;
    options.clock = &clock;
    options.log = &log;
    options.factory = &factory;
    options.placement = std::move(placement);
    auto made = worker::Worker::create(builder.topology, std::move(options));
    ASSERT_TRUE(made) << made.error().message;
    worker = std::move(*made);
    worker->start();
  }

  SystemClock clock;
  QuietLog log;
  Factory factory;
  TopologyBuilder builder;
  Waiting::Handle handle;
  std::unique_ptr<worker::Worker> worker;
};

TEST_F(Sleeping, loops_wake_for_each_hop_of_a_token_that_goes_round) {
  constexpr std::int64_t kHops = 30'000;
  waiting_spout(true);
  const auto pass_on = [this](const Tuple& token, Output& out) {
    if (token.integer(0) == kHops) return Waiting::end(handle);
    out.emit(token.integer(0) + 1);
  };
  bolt("a", {"n"}, {Builder::shuffle("waiting"), Builder::shuffle("c")}, pass_on);
  bolt("b", {"n"}, {Builder::shuffle("a")}, pass_on);
  bolt("c", {"n"}, {Builder::shuffle("b")}, pass_on);
  start({.workers = 1, .loops = 4, .shared_loops = 4, .homes = {{}, {0, 3}, {0, 0}, {0, 1}, {0, 2}}});
  EXPECT_TRUE(worker->wait(kLessThanASleep));
}

/// Emits as long as it may.
class Flood final : public Spout {
 public:
  explicit Flood(std::int64_t count) : left_(count) {}
  Next next(Output& out) override {
    if (left_ == 0) return Next::exhausted;
    out.emit(left_--);
    return Next::emitted;
  }

 private:
  std::int64_t left_;
};

TEST_F(Sleeping, loops_wake_when_credit_comes_back) {
  constexpr std::int64_t kTuples = 20'000;
  std::atomic<std::int64_t> executed{0};
  builder.spout("flood", {"n"});
  factory.made["flood"] = [=] { return worker::MadeComponent{.spout = std::make_unique<Flood>(kTuples)}; };
  bolt("slow", {}, {Builder::shuffle("flood")}, [&](const Tuple& tuple, Output&) {
    ++executed;
    // Long enough for the producer to fall asleep, now and then.
    if (tuple.integer(0) % 16 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
  });
  start({.workers = 1, .loops = 2, .shared_loops = 2, .homes = {{}, {0, 0}, {0, 1}}});
  EXPECT_TRUE(worker->wait(kLessThanASleep));
  EXPECT_EQ(executed, kTuples);
}

TEST_F(Sleeping, loops_wake_for_what_other_threads_post) {
  constexpr int kThreads = 3, kPosts = 5'000;
  std::atomic<int> ran{0};
  std::atomic<Context*> context{nullptr};
  waiting_spout(false);
  bolt("posted", {}, {Builder::shuffle("waiting")}, [](const Tuple&, Output&) {}, [&](Context& own) { context.store(&own); });
  start({.workers = 1, .loops = 2, .shared_loops = 2, .homes = {{}, {0, 0}, {0, 1}}});
  while (!context.load() || !handle.spout.load()) std::this_thread::yield();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        // Each waits for its own function, so that the loop sleeps again and again.
        for (int post = 0; post < kPosts; ++post) {
          const auto came = std::make_shared<std::atomic<bool>>(false);
          ASSERT_TRUE(context.load()->post([&ran, came](Output&) {
            ++ran;
            came->store(true);
            came->notify_one();
          }));
          came->wait(false);
        }
      });
  }
  EXPECT_EQ(ran, kThreads * kPosts);
  Waiting::end(handle);
  EXPECT_TRUE(worker->wait(kLessThanASleep));
}

}  // namespace
}  // namespace sparse::test
