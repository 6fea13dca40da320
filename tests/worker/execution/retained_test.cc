// Copies of tuples that outlive execute: joins, late verdicts, verdicts from other threads, and mistakes with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/support/engine_harness.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;
using testing::_;
using testing::Each;
using testing::HasSubstr;
using testing::Pair;

class Keeping : public EngineTest {
 protected:
  void build(
      std::uint64_t messages, BoltCalls calls, bool manual_ack, FunctionBolt::Function at_sink = [](const Tuple&, Output&) {}) {
    for (std::uint64_t i = 0; i < messages; ++i) script.messages.push_back("m" + std::to_string(i));
    if (!calls.open) calls.open = [this](Context& context) { keeper = &context; };
    engine.spout("spout", script);
    engine.bolt("keeper", {"text"}, {Builder::shuffle("spout")}, std::move(calls)).manual_ack = manual_ack;
    engine.bolt(
        "sink", {}, {Builder::shuffle("keeper")},
        [this, at_sink](const Tuple& in, Output& out) {
          received.emplace_back(in.string(0));
          at_sink(in, out);
        },
        2);
  }

  SpoutScript script;
  Context* keeper = nullptr;
  std::vector<Retained> kept;
  std::vector<std::string> received;
};
INSTANTIATE_TEST_SUITE_P(Retained, Keeping, every_mode(), name_of_mode);

/// Emits one tuple for each two inputs, anchored to both, then acks them.
BoltCalls join(std::vector<Retained>& kept) {
  return {.execute = [&kept](const Tuple& in, Output& out) {
    kept.push_back(in.retain());
    if (kept.size() < 2) return;
    const Retained* anchors[] = {&kept[0], &kept[1]};
    out.emit(Emit{.anchors = anchors, .anchored = false},
             std::string(kept[0]->string(0)) + "+" + std::string(kept[1]->string(0)));
    for (Retained& each : kept) each.ack();
    kept.clear();
  }};
}

TEST_P(Keeping, acks_both_trees_of_a_join) {
  build(20, join(kept), true);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(received.size(), 10u);
  EXPECT_EQ(std::set(received.begin(), received.end()).count("m4+m5"), 1u);
  expect_one_verdict_each(script, 20);
  EXPECT_EQ(script.acked.size(), 20u);
  EXPECT_EQ(engine.total("keeper").acked, 20u);
  EXPECT_EQ(engine.total("keeper").errors, 0u);
}

TEST_P(Keeping, fails_both_trees_of_a_join_once_each) {
  build(20, join(kept), true, [](const Tuple& in, Output&) {
    if (in.string(0) == "m4+m5") throw std::runtime_error("joined badly");
  });
  ASSERT_TRUE(engine.run());
  expect_one_verdict_each(script, 20);
  EXPECT_THAT(script.failed, testing::UnorderedElementsAre(Pair(4u, "joined badly"), Pair(5u, "joined badly")));
}

TEST_P(Keeping, keeps_the_values_and_the_tree_of_a_bolt_that_acks_by_returning) {
  build(5,
        {.execute =
             [this](const Tuple& in, Output& out) {
               kept.push_back(in.retain());
               out.emit(in[0]);
               if (kept.size() == 1) keeper->start_timer(std::chrono::seconds(5));
             },
         .timer =
             [this](Output&) {
               EXPECT_TRUE(script.acked.empty()) << "the trees are open";
               for (std::size_t i = 0; i < kept.size(); ++i) {
                 EXPECT_EQ(kept[i]->string(0), "m" + std::to_string(i));
                 EXPECT_EQ(kept[i]->source_component(), "spout");
                 kept[i].ack();
               }
             }},
        false);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(received.size(), 5u);
  expect_one_verdict_each(script, 5);
  EXPECT_EQ(script.acked.size(), 5u);
}

TEST_P(Keeping, waits_for_what_was_emitted_after_a_copy_that_is_acked_in_the_same_call) {
  build(5,
        {.execute =
             [](const Tuple& in, Output& out) {
               Retained copy = in.retain();
               out.emit(in[0]);
               copy.ack();
             }},
        true, [](const Tuple& in, Output&) {
          if (in.string(0) == "m3") throw std::runtime_error("no m3");
        });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(received.size(), 5u);
  expect_one_verdict_each(script, 5);
  EXPECT_THAT(script.failed, testing::ElementsAre(Pair(3u, "no m3")));
}

TEST_P(Keeping, fails_a_copy_that_is_destroyed_without_a_verdict) {
  for (const bool manual : {true, false}) {
    engine = Engine();
    reset(engine);
    script = {};
    build(5, {.execute = [](const Tuple& in, Output&) { const Retained dropped = in.retain(); }}, manual);
    ASSERT_TRUE(engine.run());
    expect_one_verdict_each(script, 5);
    EXPECT_EQ(script.failed.size(), 5u);
    EXPECT_THAT(script.failed, Each(Pair(_, "a retained tuple was destroyed without ack or fail")));
  }
}

TEST_P(Keeping, takes_verdicts_from_another_thread) {
  build(10, {.execute = [this](const Tuple& in, Output&) { kept.push_back(in.retain()); }}, true);
  EXPECT_FALSE(engine.run(5 * kSecond));
  ASSERT_EQ(kept.size(), 10u);
  EXPECT_TRUE(script.acked.empty());
  std::thread([this] {
    for (std::size_t i = 0; i < kept.size(); ++i) i % 2 == 0 ? kept[i].ack() : kept[i].fail("from outside");
  }).join();
  ASSERT_TRUE(engine.run());
  expect_one_verdict_each(script, 10);
  EXPECT_EQ(script.failed.size(), 5u);
  EXPECT_THAT(script.failed, Each(Pair(_, "from outside")));
  EXPECT_EQ(engine.total("keeper").acked, 5u);
  EXPECT_EQ(engine.total("keeper").failed, 5u);
}

TEST_P(Keeping, counts_second_verdicts_and_keeps_to_the_first) {
  build(4,
        {.execute =
             [](const Tuple& in, Output&) {
               Retained copy = in.retain();
               copy.ack();
               copy.fail("changed my mind");
             }},
        true);
  ASSERT_TRUE(engine.run());
  expect_one_verdict_each(script, 4);
  EXPECT_EQ(script.acked.size(), 4u);
  EXPECT_EQ(engine.total("keeper").errors, 4u);
  EXPECT_TRUE(engine.log.contains("gave a second verdict on a retained tuple; the first one counts"));
}

TEST_P(Keeping, takes_a_verdict_on_the_input_after_the_copy_for_a_second_one) {
  build(3,
        {.execute =
             [this](const Tuple& in, Output& out) {
               kept.push_back(in.retain());
               out.fail(in, "the copy has it");
               kept.back().ack();
             }},
        true);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(script.acked.size(), 3u);
  EXPECT_EQ(engine.total("keeper").errors, 3u);
}

TEST_P(Keeping, refuses_to_anchor_to_a_copy_that_has_its_verdict) {
  build(3,
        {.execute =
             [](const Tuple& in, Output& out) {
               Retained copy = in.retain();
               copy.ack();
               const Retained* anchors[] = {&copy};
               out.emit(Emit{.anchors = anchors, .anchored = false}, "late");
             }},
        false);
  ASSERT_TRUE(engine.run());
  EXPECT_TRUE(received.empty());
  expect_one_verdict_each(script, 3);
  EXPECT_THAT(script.failed, testing::SizeIs(3));
  EXPECT_THAT(script.failed, Each(Pair(_, "component \"keeper\" anchored to a tuple that has its verdict already")));
}

TEST_P(Keeping, does_not_fail_the_input_if_what_was_emitted_unanchored_fails) {
  build(10, {.execute = [](const Tuple& in, Output& out) { out.emit(Emit{.anchored = false}, in[0]); }}, false,
        [](const Tuple&, Output&) { throw std::runtime_error("nobody is told"); });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(received.size(), 10u);
  EXPECT_EQ(script.acked.size(), 10u);
  EXPECT_EQ(engine.total("sink").failed, 10u);
}

TEST_P(Keeping, anchors_to_the_input_and_to_copies_together) {
  build(10,
        {.execute =
             [this](const Tuple& in, Output& out) {
               if (kept.empty()) {
                 kept.push_back(in.retain());
                 return;
               }
               const Retained* anchors[] = {&kept[0]};
               out.emit(Emit{.anchors = anchors}, in[0]);
               kept[0].ack();
               kept.clear();
             }},
        false, [](const Tuple& in, Output& out) {
          if (in.string(0) == "m3") out.fail("both");
        });
  ASSERT_TRUE(engine.run());
  expect_one_verdict_each(script, 10);
  EXPECT_THAT(script.failed, testing::UnorderedElementsAre(Pair(2u, "both"), Pair(3u, "both")));
}

TEST_P(Keeping, ends_a_timeout_after_its_inputs_if_copies_get_no_verdict) {
  build(3, {.execute = [this](const Tuple& in, Output&) { kept.push_back(in.retain()); }}, true);
  engine.builder.config("topology.message.timeout.secs", 5);
  const Nanoseconds start = engine.clock.now();
  ASSERT_TRUE(engine.run());
  EXPECT_GE(engine.clock.now() - start, 10 * kSecond);
  EXPECT_LE(engine.clock.now() - start, 11 * kSecond);
  EXPECT_EQ(script.failed.size(), 3u);
  EXPECT_TRUE(engine.log.contains("ends with 3 inputs that were never acked or failed"));
  kept.clear();
}

/// Holds its inputs until it is destroyed itself.
class Hoarder final : public Bolt {
 public:
  void execute(const Tuple& in, Output&) override { kept_.push_back(in.retain()); }

 private:
  std::vector<Retained> kept_;
};

TEST_P(Keeping, survives_copies_that_live_until_the_worker_is_destroyed) {
  SpoutScript own{.messages = {"x"}, .repeat = 100};
  engine.spout("spout", own);
  engine.builder.bolt("hoarder", {}, {Builder::shuffle("spout")}, 3);
  engine.builder.last().manual_ack = true;
  engine.factory.bolts["hoarder"] = [] { return std::make_unique<Hoarder>(); };
  EXPECT_FALSE(engine.run(kSecond));
  engine.worker.reset();
  EXPECT_TRUE(own.acked.empty());
}

TEST_P(Keeping, survives_copies_in_functions_that_were_posted_too_late) {
  build(1, {.execute = [this](const Tuple& in, Output&) { kept.push_back(in.retain()); }}, true);
  EXPECT_FALSE(engine.run(kSecond));
  ASSERT_EQ(kept.size(), 1u);
  bool run = false;
  keeper->post([&run, copy = std::make_shared<Retained>(std::move(kept[0]))](Output&) { run = true; });
  kept.clear();
  engine.worker.reset();
  EXPECT_TRUE(run) << "it was promised";
}

TEST_P(Keeping, refuses_to_keep_a_tuple_that_is_too_large) {
  const std::string large(65u << 20, 'x');
  build(2, {.execute = [&large](const Tuple& in, Output& out) { in.string(0) == "m0" ? out.emit(large) : out.emit(in[0]); }},
        false, [this](const Tuple& in, Output&) {
          kept.push_back(in.retain());
          kept.back().ack();
        });
  ASSERT_TRUE(engine.run());
  expect_one_verdict_each(script, 2);
  ASSERT_EQ(script.failed.size(), 1u);
  EXPECT_EQ(script.failed[0].first, 0u);
  EXPECT_THAT(script.failed[0].second, HasSubstr("more than 64 MiB"));
}

}  // namespace
}  // namespace sparse::test
