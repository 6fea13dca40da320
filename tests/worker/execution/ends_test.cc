// How a run ends, and channels that are held.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/engine_harness.h"
#include "worker/execution/loop.h"
#include "worker/execution/task_context.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;
INSTANTIATE_TEST_SUITE_P(Ends, EngineTest, every_mode(), name_of_mode);

TEST_P(EngineTest, finishes_bolts_in_the_order_of_the_stream_and_delivers_what_they_emit_then) {
  SpoutScript script{.messages = {"x"}, .repeat = 300};
  std::vector<std::string> finished;
  std::map<std::string, int> at_sink;
  const auto pass = [](const Tuple& in, Output& out) { out.emit(in[0]); };
  const auto finish = [&](const std::string& name) {
    return [&finished, name](Output& out) {
      finished.push_back(name);
      for (int i = 0; i < 1000; ++i) out.emit("last of " + name);
    };
  };
  engine.spout("source", script, 1);
  engine.bolt("a", {"x"}, {Builder::shuffle("source")}, pass, 3, finish("a"));
  engine.bolt("b", {"x"}, {Builder::shuffle("a")}, pass, 2, finish("b"));
  engine.bolt(
      "sink", {}, {Builder::shuffle("b"), Builder::shuffle("a")},
      [&](const Tuple& in, Output&) {
        EXPECT_TRUE(std::count(finished.begin(), finished.end(), "sink") == 0) << "a tuple after finish";
        ++at_sink[std::string(in.string(0))];
      },
      1, [&](Output&) { finished.push_back("sink"); });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(finished, (std::vector<std::string>{"a", "a", "a", "b", "b", "sink"}));
  EXPECT_EQ(at_sink, (std::map<std::string, int>{{"x", 600}, {"last of a", 6000}, {"last of b", 2000}}));
  EXPECT_EQ(script.acked.size(), 300u);
}

TEST_P(EngineTest, waits_aloud_for_a_bolt_that_holds_its_end) {
  SpoutScript script{.messages = {"x"}};
  worker::Task* held = nullptr;
  engine.spout("source", script);
  engine.bolt(
      "sink", {}, {Builder::shuffle("source")}, [](const Tuple&, Output&) {}, 1,
      [&](Output& out) {
        held = &worker::Task::of(out);
        held->host->hold_end(true);
      });
  EXPECT_FALSE(engine.run(100 * kSecond)) << "what it still has to write is not given up";
  ASSERT_TRUE(held);
  EXPECT_TRUE(engine.log.contains("has not finished yet"));
  EXPECT_EQ(engine.log.lines.size(), 3u) << "every 30 s";
  EXPECT_EQ(engine.total("sink").errors, 0u);
  held->host->hold_end(false);
  EXPECT_TRUE(engine.run());
}

TEST_P(EngineTest, ends_a_topology_whose_spout_has_nothing) {
  SpoutScript script{};
  int finished = 0;
  engine.spout("source", script, 4);
  engine.bolt("sink", {}, {Builder::shuffle("source")}, [](const Tuple&, Output&) {}, 3, [&](Output&) { ++finished; });
  ASSERT_TRUE(engine.run(kSecond));
  EXPECT_EQ(finished, 3);
}

TEST_P(EngineTest, asks_an_exhausted_spout_again_after_a_failure) {
  for (const bool with_the_last : {false, true}) {  // says that it is exhausted in the call that emits the last message, or later
    Engine fresh;
    reset(fresh);
    std::vector<std::uint64_t> again, acked;
    std::uint64_t emitted = 0;
    std::map<std::uint64_t, int> tries;
    fresh.spout("source", {"n"},
                {.next =
                     [&](Output& out) {
                       if (!again.empty()) {
                         out.emit(MessageId{again.back()}, again.back());
                         again.pop_back();
                       } else if (emitted < 10) {
                         out.emit(MessageId{emitted}, emitted);
                         ++emitted;
                       } else {
                         return Next::exhausted;
                       }
                       return with_the_last && emitted == 10 && again.empty() ? Next::exhausted : Next::emitted;
                     },
                 .ack = [&](std::uint64_t id) { acked.push_back(id); },
                 .fail = [&](std::uint64_t id, std::string_view) { again.push_back(id); }});
    fresh.bolt(
        "sink", {}, {Builder::shuffle("source")},
        [&](const Tuple& in, Output& out) {
          if (++tries[static_cast<std::uint64_t>(in.integer(0))] <= 3) out.fail("once more");
        },
        2);
    ASSERT_TRUE(fresh.run());
    EXPECT_EQ(acked.size(), 10u) << "exhausted " << (with_the_last ? "with the last message" : "afterwards");
    for (const auto& [id, count] : tries) EXPECT_EQ(count, 4) << id;
  }
}

/// A sink that gets numbers from two bolts, "left" and "right", and can hold one of them.
class Holding : public EngineTest {
 protected:
  void build(std::uint64_t count) {
    engine.spout("source", {"x"},
                 {.next =
                      [this, count](Output& out) {
                        if (!go) return Next::idle;
                        if (emitted == count) return Next::exhausted;
                        out.emit(MessageId{emitted++}, "x");
                        return Next::emitted;
                      },
                  .ack = [this](std::uint64_t) { ++acked; }});
    for (const char* side : {"left", "right"})
      engine.bolt(side, {"n"}, {Builder::grouped("source", topology::GroupingKind::all)},
                  [n = std::int64_t{0}](const Tuple&, Output& out) mutable { out.emit(n++); });
    engine.bolt("sink", {}, {Builder::shuffle("left"), Builder::shuffle("right")},
                BoltCalls{.execute = [this](const Tuple& in,
                                            Output&) { seen[std::string(in.source_component())].push_back(in.integer(0)); },
                          .finish = [this](Output&) { finished = true; },
                          .open = [this](Context& context) { sink = &context; }});
    left = engine.first_task("left");
    engine.start();
  }
  void hold(bool held) {
    sink->post([this, held](Output& out) {
      auto& task = worker::Task::of(out);
      held ? task.loop().hold(task, left) : task.loop().release(task, left);
    });
  }
  static bool rises(const std::vector<std::int64_t>& numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (numbers[i] != static_cast<std::int64_t>(i)) return false;
    return true;
  }

  bool go = false;
  std::uint64_t emitted = 0, acked = 0;
  Context* sink = nullptr;
  TaskId left = 0;
  std::map<std::string, std::vector<std::int64_t>> seen;
  bool finished = false;
};
INSTANTIATE_TEST_SUITE_P(Ends, Holding, every_mode(), name_of_mode);

TEST_P(Holding, stops_one_channel_while_the_other_flows_and_loses_no_order) {
  build(10);
  engine.worker->step();
  hold(true);
  go = true;
  EXPECT_FALSE(engine.run(5 * kSecond)) << "it waits for what is held";
  EXPECT_TRUE(rises(seen["right"]));
  EXPECT_EQ(seen["right"].size(), 10u);
  EXPECT_LT(seen["left"].size(), 10u);
  EXPECT_FALSE(finished);
  hold(false);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(seen["left"].size(), 10u);
  EXPECT_TRUE(rises(seen["left"]));
  EXPECT_TRUE(finished);
  EXPECT_EQ(acked, 10u);
}

TEST_P(Holding, can_hold_and_release_at_any_time) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Random random(seed);
    build(2000);
    engine.worker->step();
    bool held = false;
    go = true;
    for (int i = 0; i < 300; ++i) {
      if (random.chance(1, 3)) hold(held = !held);
      engine.worker->step();
      engine.clock.advance(kMicrosecond);
    }
    hold(false);
    ASSERT_TRUE(engine.run()) << "seed " << seed;
    for (const char* side : {"left", "right"}) {
      EXPECT_EQ(seen[side].size(), 2000u) << "seed " << seed;
      EXPECT_TRUE(rises(seen[side])) << side << ", seed " << seed;
    }
    EXPECT_EQ(acked, 2000u) << "seed " << seed;
    engine.~Engine();
    new (&engine) Engine;
    reset(engine);
    emitted = acked = 0;
    seen.clear();
  }
}

TEST_P(Holding, ends_after_the_release_of_a_channel_on_which_nothing_came) {
  build(0);
  engine.worker->step();
  hold(true);
  go = true;
  EXPECT_FALSE(engine.run(kSecond));
  EXPECT_FALSE(finished);
  hold(false);
  ASSERT_TRUE(engine.run(kSecond));
  EXPECT_TRUE(finished);
}

TEST_P(Holding, does_not_gather_without_bounds_what_is_held) {
  build(300'000);
  engine.worker->step();
  hold(true);
  go = true;
  EXPECT_FALSE(engine.run(5 * kSecond));
  EXPECT_LT(engine.worker->stats().pooled_bytes, 8u << 20);
  hold(false);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(acked, 300'000u);
}

}  // namespace
}  // namespace sparse::test
