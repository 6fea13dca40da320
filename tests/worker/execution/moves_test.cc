// Tasks that move between loops while tuples are kept, fail, go round in a cycle, and wait for timers.
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <map>

#include "core/base/random.h"
#include "tests/support/engine_harness.h"
#include "worker/execution/task.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;

/// numbers -> hop (which also feeds itself, until a number is 0) -> keep (answers later, out of a timer or a post) -> sink.
class MovingWorld {
 public:
  static constexpr std::uint64_t kNumbers = 150;

  explicit MovingWorld(std::uint64_t seed) : random_(seed) {
    engine_.loops = static_cast<std::uint16_t>(2 + random_.below(3));
    engine_.fusion = !random_.chance(1, 4);
    engine_.between_steps = [this] { move_some(); };
    add_numbers();
    engine_.bolt("hop", {"n"}, {Builder::shuffle("numbers"), Builder::shuffle("hop")},
                 BoltCalls{.execute =
                               [this](const Tuple& in, Output& out) {
                                 ++hops_;
                                 if (random_.chance(1, 100)) engine_.clock.advance(2 * kMillisecond);
                                 if (in.integer(0) > 0) out.emit(in.integer(0) - 1);
                               }},
                 3);
    auto& keep = engine_.bolt("keep", {"n"}, {Builder::shuffle("hop")},
                              BoltCalls{.execute = [this](const Tuple& in, Output& out) { keep_one(in, out); },
                                        .open = [this](Context& context) { contexts_[context.task()] = &context; },
                                        .timer = [this](Output& out) { answer(out); }},
                              2);
    keep.manual_ack = true;
    engine_.bolt("sink", {}, {Builder::shuffle("keep")}, BoltCalls{.execute = [this](const Tuple&, Output&) { ++sunk_; }}, 2);
  }

  void run() {
    ASSERT_TRUE(engine_.run(3000 * kSecond));
    EXPECT_EQ(hops_, expected_hops_);
    EXPECT_EQ(kept_count_, expected_hops_ - kNumbers);
    EXPECT_EQ(sunk_, kept_count_ - refused_);
    for (std::uint64_t id = 0; id < kNumbers; ++id) EXPECT_EQ(verdicts_[id], 1) << "of " << id;
    EXPECT_EQ(engine_.total("numbers").timed_out, 0u);
    EXPECT_EQ(engine_.total("keep").queue + engine_.total("hop").queue, 0u);
    EXPECT_TRUE(refused_ > 0 || failed_ == 0);
    if (testing::Test::HasFailure())
      for (const std::string& line : engine_.log.lines) std::puts(line.c_str());
  }
  std::uint64_t moves() const { return moves_; }

 private:
  void add_numbers() {
    SpoutCalls calls;
    calls.next = [this](Output& out) {
      if (emitted_ == kNumbers) return Next::exhausted;
      const std::uint64_t id = emitted_++;
      expected_hops_ += 1 + id % 4;
      out.emit(MessageId{id}, static_cast<std::int64_t>(id % 4));
      return random_.chance(1, 20) ? Next::idle : Next::emitted;
    };
    calls.ack = [this](std::uint64_t id) { ++verdicts_[id]; };
    calls.fail = [this](std::uint64_t id, std::string_view) {
      ++verdicts_[id];
      ++failed_;
    };
    engine_.spout("numbers", {"n"}, calls);
  }

  void keep_one(const Tuple& in, Output& out) {
    const TaskId me = worker::Task::of(out).id;
    ++kept_count_;
    kept_[me].push_back(in.retain());
    if (random_.chance(1, 2))
      contexts_.at(me)->start_timer(std::chrono::microseconds(random_.below(3000)));
    else
      contexts_.at(me)->post([this](Output& later) { answer(later); });
  }

  void answer(Output& out) {
    auto& kept = kept_[worker::Task::of(out).id];
    ASSERT_FALSE(kept.empty());
    Retained one = std::move(kept.back());
    kept.pop_back();
    if (random_.chance(1, 30)) {
      ++refused_;
      one.fail("refused");
      return;
    }
    const Retained* const anchors[] = {&one};
    out.emit(Emit{.anchors = anchors}, one.tuple().integer(0));
    one.ack();
  }

  void move_some() {
    if (!random_.chance(1, 3)) return;
    for (std::uint64_t left = 1 + random_.below(4); left > 0; --left) {
      const auto task = static_cast<TaskId>(1 + random_.below(8));
      EXPECT_TRUE(engine_.worker->move_task(task, static_cast<std::uint16_t>(random_.below(engine_.loops))));
      ++moves_;
    }
  }

  Random random_;
  Engine engine_;
  std::map<TaskId, Context*> contexts_;
  std::map<TaskId, std::vector<Retained>> kept_;
  std::map<std::uint64_t, int> verdicts_;
  std::uint64_t emitted_ = 0, hops_ = 0, expected_hops_ = 0, kept_count_ = 0, sunk_ = 0, refused_ = 0, failed_ = 0, moves_ = 0;
};

TEST(Moves, lose_nothing_that_is_kept_and_leave_one_verdict_each) {
  std::uint64_t moves = 0;
  for (std::uint64_t seed = 1; seed <= 300 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    MovingWorld world(seed);
    world.run();
    moves += world.moves();
  }
  EXPECT_GT(moves, 10'000u);
}

TEST(Moves, change_what_the_figures_say_of_a_task) {
  Engine engine;
  engine.loops = 3;
  SpoutScript script{.messages = {"a", "b"}, .repeat = 500};
  engine.spout("lines", script);
  engine.bolt("sink", {}, {Builder::shuffle("lines")}, [](const Tuple&, Output&) {});
  engine.start();
  engine.worker->step();
  const auto before = engine.worker->stats();
  ASSERT_EQ(before.tasks.size(), 2u);
  EXPECT_EQ(before.tasks[1].loop, 0);
  EXPECT_EQ(before.tasks[1].crossed, 0u);
  EXPECT_TRUE(engine.worker->move_task(2, 2));
  EXPECT_TRUE(engine.worker->move_task(2, 2));  // it is there already
  ASSERT_TRUE(engine.run());
  const auto after = engine.worker->stats();
  ASSERT_EQ(after.tasks.size(), 2u);
  EXPECT_EQ(after.tasks[1].loop, 2);
  EXPECT_EQ(after.tasks[1].moves, 1u);
  EXPECT_EQ(after.tasks[1].executed, 1000u);
  EXPECT_GT(after.tasks[0].crossed, 0u);
  EXPECT_EQ(script.acked.size(), 1000u);
}

/// Hears what is written to an eventfd, as a child's driver hears its pipes.
class Watching final : public worker::ExternalBolt {
 public:
  Watching(int fd, std::uint64_t& heard) : fd_(fd), heard_(heard) {}
  void attach(worker::TaskHost& host) override { host_ = &host; }
  void open(Context&) override { host_->watch(fd_, EPOLLIN); }
  void ready(int fd, std::uint32_t, Output&) override {
    std::uint64_t value = 0;
    if (::read(fd, &value, sizeof value) == sizeof value) heard_ += value;
  }
  void execute(const Tuple&, Output&) override {}
  void close() override { host_->unwatch(fd_); }

 private:
  int fd_;
  std::uint64_t& heard_;
  worker::TaskHost* host_ = nullptr;
};

class WatchingFactory final : public worker::ComponentFactory {
 public:
  std::uint64_t heard = 0;
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  ~WatchingFactory() override { ::close(fd); }

  Result<ComponentSpec> describe(const topology::Component&) override { return ComponentSpec{}; }
  Result<worker::MadeComponent> make(const topology::Topology&, const topology::Component& component) override {
    if (component.is_spout)
      return worker::MadeComponent{.spout =
                                       std::make_unique<FunctionSpout>(SpoutCalls{.next = [](Output&) { return Next::idle; }})};
    auto bolt = std::make_unique<Watching>(fd, heard);
    worker::External* const external = bolt.get();
    return worker::MadeComponent{.bolt = std::move(bolt), .external = external};
  }
  Result<std::unique_ptr<Grouping>> make_grouping(const topology::Implementation&) override { return Error{"none"}; }
};

TEST(Moves, take_along_the_descriptors_that_a_component_watches) {
  ManualClock clock;
  MemoryLog log;
  WatchingFactory factory;
  TopologyBuilder builder;
  builder.spout("lines", {"value"}).bolt("watch", {}, {Builder::shuffle("lines")});
  worker::WorkerOptions options;
  options.clock = &clock;
  options.log = &log;
  options.factory = &factory;
  options.placement = worker::place(builder.topology, 1, 3);
  const auto made = worker::Worker::create(builder.topology, std::move(options));
  ASSERT_TRUE(made) << made.error().message;
  worker::Worker& worker = **made;
  worker.step();
  for (std::uint64_t times = 1; times <= 6; ++times) {
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(factory.fd, &one, sizeof one), static_cast<ssize_t>(sizeof one));
    EXPECT_TRUE(worker.move_task(2, static_cast<std::uint16_t>(times % 3)));
    clock.advance(kMillisecond);
    worker.step();
    EXPECT_EQ(factory.heard, times);
  }
}

}  // namespace
}  // namespace sparse::test
