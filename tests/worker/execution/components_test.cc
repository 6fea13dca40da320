// What the engine gives to components besides tuples: time, ticks, timers, posts, options; and how idle spouts are asked.
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/engine_harness.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;
INSTANTIATE_TEST_SUITE_P(Components, EngineTest, every_mode(), name_of_mode);

/// A spout that emits nothing and ends at a time.
SpoutCalls silent_until(const Engine& engine, Nanoseconds end) {
  return {.next = [&engine, end](Output&) { return engine.clock.now() >= end ? Next::exhausted : Next::idle; }};
}

TEST_P(EngineTest, ticks_at_the_frequency_of_the_component) {
  std::vector<Nanoseconds> slow, fast;
  const Nanoseconds start = engine.clock.now();
  engine.builder.config("topology.tick.tuple.freq.secs", 5);
  engine.spout("source", {"x"}, silent_until(engine, start + 10 * kSecond + kMillisecond));
  engine.bolt(
      "slow", {}, {Builder::shuffle("source")},
      BoltCalls{.execute = [](const Tuple&, Output&) {}, .tick = [&](Output&) { slow.push_back(engine.clock.now() - start); }});
  auto& bolt = engine.bolt("fast", {"n"}, {Builder::shuffle("source")},
                           BoltCalls{.execute = [](const Tuple&, Output&) {},
                                     .tick =
                                         [&](Output& out) {
                                           fast.push_back(engine.clock.now() - start);
                                           out.emit(1);
                                         }},
                           2);
  bolt.config = Value(Value::Map{{"topology.tick.tuple.freq.secs", 1}});
  int emitted = 0;
  engine.bolt("sink", {}, {Builder::shuffle("fast")},
              [&](const Tuple& in, Output&) { emitted += static_cast<int>(in.integer(0)); });
  ASSERT_TRUE(engine.run());
  ASSERT_EQ(slow.size(), 2u);
  ASSERT_EQ(fast.size(), 20u) << "two tasks";
  EXPECT_EQ(emitted, 20);
  for (std::size_t i = 0; i < fast.size(); ++i) {
    const Nanoseconds due = (static_cast<Nanoseconds>(i / 2) + 1) * kSecond;
    EXPECT_GE(fast[i], due);
    EXPECT_LT(fast[i], due + 2 * kMillisecond);
  }
}

TEST_P(EngineTest, ends_a_bolt_that_lives_by_ticks_alone_with_the_spouts) {
  int ticks = 0;
  bool finished = false;
  engine.spout("source", {"x"}, silent_until(engine, engine.clock.now() + 3 * kSecond + kMillisecond));
  engine.bolt("other", {}, {Builder::shuffle("source")}, [](const Tuple&, Output&) {});
  auto& bolt = engine.bolt("clock", {}, {},
                           BoltCalls{.execute = [](const Tuple&, Output&) {},
                                     .finish = [&](Output&) { finished = true; },
                                     .tick = [&](Output&) { ++ticks; }});
  bolt.config = Value(Value::Map{{"topology.tick.tuple.freq.secs", 1}});
  ASSERT_TRUE(engine.run(10 * kSecond));
  EXPECT_TRUE(finished);
  EXPECT_GE(ticks, 3);
}

TEST_P(EngineTest, asks_an_idle_spout_after_one_to_64_milliseconds) {
  std::vector<Nanoseconds> asked;
  engine.spout("source", {"x"}, {.next = [&](Output& out) {
                 asked.push_back(engine.clock.now());
                 if (asked.size() == 10) {
                   out.emit(1);
                   return Next::emitted;
                 }
                 return asked.size() == 14 ? Next::exhausted : Next::idle;
               }});
  engine.bolt("sink", {}, {Builder::shuffle("source")}, [](const Tuple&, Output&) {});
  ASSERT_TRUE(engine.run());
  ASSERT_EQ(asked.size(), 14u);
  const std::vector<std::int64_t> expected_ms{1, 2, 4, 8, 16, 32, 64, 64, 64, 0, 1, 2, 4};
  for (std::size_t i = 0; i < expected_ms.size(); ++i) {
    EXPECT_GE(asked[i + 1] - asked[i], expected_ms[i] * kMillisecond) << i;
    EXPECT_LT(asked[i + 1] - asked[i], expected_ms[i] * kMillisecond + kMillisecond / 10) << i;
  }
}

TEST_P(EngineTest, asks_an_idle_spout_when_it_said_it_would_have_something) {
  std::vector<Nanoseconds> asked;
  engine.spout("source", {"x"}, {.next = [&](Output& out) {
                 asked.push_back(engine.clock.now());
                 if (asked.size() == 6) return Next::exhausted;
                 out.wake_after(static_cast<std::int64_t>(asked.size()) * 7 * kSecond);
                 return Next::idle;
               }});
  engine.bolt("sink", {}, {Builder::shuffle("source")}, [](const Tuple&, Output&) {});
  ASSERT_TRUE(engine.run());
  ASSERT_EQ(asked.size(), 6u);
  for (std::size_t i = 0; i + 1 < asked.size(); ++i)
    EXPECT_NEAR(static_cast<double>(asked[i + 1] - asked[i]), static_cast<double>(i + 1) * 7e9, 1e5);
}

TEST_P(EngineTest, calls_timers_once_when_they_are_due) {
  const Nanoseconds start = engine.clock.now();
  std::vector<Nanoseconds> at;
  Context* context = nullptr;
  engine.spout("source", {"x"}, silent_until(engine, start + 2 * kSecond));
  engine.bolt("bolt", {}, {Builder::shuffle("source")},
              BoltCalls{.execute = [](const Tuple&, Output&) {},
                        .open =
                            [&](Context& own) {
                              context = &own;
                              own.start_timer(std::chrono::milliseconds(500));
                              own.start_timer(std::chrono::milliseconds(5));
                            },
                        .timer =
                            [&](Output&) {
                              at.push_back((engine.clock.now() - start) / kMillisecond);
                              if (at.size() == 1) context->start_timer(std::chrono::milliseconds(100));
                            }});
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(at, (std::vector<Nanoseconds>{5, 105, 500}));
}

TEST_P(EngineTest, delivers_what_a_spout_emits_in_a_timer_and_its_verdict_soon) {
  std::vector<Nanoseconds> acked;
  std::vector<std::string> failed;
  const Nanoseconds start = engine.clock.now();
  bool emitted = false;
  engine.spout("source", {"x"},
               {.next =
                    [&](Output& out) {
                      out.wake_after(60 * kSecond);
                      return engine.clock.now() >= start + 60 * kSecond ? Next::exhausted : Next::idle;
                    },
                .ack = [&](std::uint64_t) { acked.push_back(engine.clock.now() - start); },
                .fail = [&](std::uint64_t, std::string_view reason) { failed.emplace_back(reason); },
                .open = [](Context& context) { context.start_timer(std::chrono::seconds(1)); },
                .timer =
                    [&](Output& out) {
                      out.emit(MessageId{1}, "good");
                      out.emit(MessageId{2}, "bad");
                      emitted = true;
                    }});
  engine.bolt("sink", {}, {Builder::shuffle("source")}, [](const Tuple& in, Output& out) {
    if (in.string(0) == "bad") out.fail("bad it was");
  });
  ASSERT_TRUE(engine.run());
  EXPECT_TRUE(emitted);
  ASSERT_EQ(acked.size(), 1u);
  EXPECT_LT(acked[0], 2 * kSecond) << "not only when the spout is asked again";
  EXPECT_EQ(failed, std::vector<std::string>{"bad it was"});
}

TEST_P(EngineTest, runs_posted_functions_on_the_loop_and_says_no_after_close) {
  Context* context = nullptr;
  bool run = false, after_close = true;
  int received = 0;
  engine.spout("source", {"x"}, {.next = [&](Output&) { return run ? Next::exhausted : Next::idle; }});
  engine.bolt("bolt", {"n"}, {Builder::shuffle("source")},
              BoltCalls{.execute = [](const Tuple&, Output&) {},
                        .open = [&](Context& own) { context = &own; },
                        .close = [&] { after_close = context->post([](Output&) { ADD_FAILURE() << "run after close"; }); }});
  engine.bolt(
      "sink", {}, {Builder::shuffle("bolt")}, [&](const Tuple& in, Output&) { received += static_cast<int>(in.integer(0)); }, 3);
  engine.start();
  engine.worker->step();
  ASSERT_NE(context, nullptr);
  bool accepted = false;
  std::thread([&] {
    accepted = context->post([&](Output& out) {
      for (int i = 0; i < 10; ++i) out.emit(1);
      run = true;
    });
  }).join();
  EXPECT_TRUE(accepted);
  EXPECT_FALSE(run) << "not on the posting thread";
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(received, 10);
  engine.worker.reset();
  EXPECT_FALSE(after_close);
}

TEST_P(EngineTest, stops_the_run_if_a_component_cannot_be_opened) {
  for (const bool standard : {true, false}) {
    Engine fresh;
    reset(fresh);
    SpoutScript script{.messages = {"x"}, .repeat = 1000};
    int closed = 0;
    fresh.spout("source", script);
    fresh.bolt("fine", {"x"}, {Builder::shuffle("source")},
               BoltCalls{.execute = [](const Tuple&, Output&) {}, .close = [&] { ++closed; }});
    fresh.bolt("broken", {}, {Builder::shuffle("fine")},
               BoltCalls{.execute = [](const Tuple&, Output&) {},
                         .open =
                             [standard](Context&) {
                               if (standard) throw std::runtime_error("no such table");
                               throw 42;
                             },
                         .close = [] { ADD_FAILURE() << "it was never open"; }});
    ASSERT_TRUE(fresh.run());
    ASSERT_TRUE(fresh.worker->failure());
    EXPECT_EQ(fresh.worker->failure()->message,
              "component \"broken\" could not be opened: " +
                  std::string(standard ? "no such table" : "an exception that is no std::exception"));
    EXPECT_TRUE(script.acked.empty());
    fresh.worker.reset();
    EXPECT_EQ(closed, 1);
  }
}

TEST_P(EngineTest, goes_on_after_exceptions_in_any_other_call) {
  int ticks = 0, asked = 0;
  const Nanoseconds start = engine.clock.now();
  engine.builder.config("topology.tick.tuple.freq.secs", 1);
  engine.spout("source", {"x"},
               {.next = [&](Output& out) -> Next {
                  if (++asked % 2 == 0) throw std::runtime_error("next is wrong");
                  if (engine.clock.now() > start + 3 * kSecond) return Next::exhausted;
                  out.emit(MessageId{1}, 1);
                  return Next::idle;
                },
                .ack = [](std::uint64_t) { throw std::runtime_error("ack is wrong"); }});
  engine.bolt("bolt", {}, {Builder::shuffle("source")},
              BoltCalls{.execute = [](const Tuple&, Output&) {},
                        .finish = [](Output&) { throw std::runtime_error("finish is wrong"); },
                        .tick =
                            [&](Output&) {
                              ++ticks;
                              throw 42;
                            },
                        .close = [] { throw std::runtime_error("close is wrong"); }});
  ASSERT_TRUE(engine.run());
  engine.worker.reset();
  EXPECT_GE(ticks, 2);
  for (const char* text : {"component \"source\" threw in next: next is wrong", "component \"source\" threw in ack: ack is wrong",
                           "component \"bolt\" threw in tick", "component \"bolt\" threw in finish: finish is wrong",
                           "component \"bolt\" threw in close: close is wrong"})
    EXPECT_TRUE(engine.log.contains(text)) << text;
}

TEST_P(EngineTest, tells_components_who_they_are_and_what_they_were_given) {
  SpoutScript script{.messages = {"x"}};
  std::vector<std::string> seen;
  engine.builder.config("topology.message.timeout.secs", 60).config("my.key", "all");
  engine.spout("source", script);
  auto& bolt =
      engine.bolt("bolt", {}, {Builder::shuffle("source")},
                  BoltCalls{.execute = [](const Tuple&, Output&) {},
                            .open =
                                [&](Context& context) {
                                  seen.push_back(std::string(context.topology()) + " " + std::string(context.component()) + " " +
                                                 std::to_string(context.task()) + " " + std::to_string(context.index()) + "/" +
                                                 std::to_string(context.parallelism()));
                                  EXPECT_EQ(context.option("top", std::int64_t{10}), 25);
                                  EXPECT_EQ(context.option("absent", std::int64_t{10}), 10);
                                  EXPECT_EQ(context.option("ratio", 0.5), 3.0) << "an integer is a double, too";
                                  EXPECT_EQ(context.option("name", "none"), "n");
                                  EXPECT_TRUE(context.option("flag", false));
                                  EXPECT_THROW(context.option("name", std::int64_t{1}), TypeError);
                                  EXPECT_EQ(*context.config().find("my.key"), Value("own"));
                                  EXPECT_EQ(*context.config().find("topology.message.timeout.secs"), Value(60));
                                  EXPECT_EQ(*context.config().find("topology.name"), Value("test"));
                                  EXPECT_EQ(context.now(), engine.clock.now());
                                  context.log(Level::warn, "hello");
                                }},
                  2);
  bolt.options = Value(Value::Map{{"top", 25}, {"ratio", 3}, {"name", "n"}, {"flag", true}});
  bolt.config = Value(Value::Map{{"my.key", "own"}});
  ASSERT_TRUE(engine.run());
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<std::string>{"test bolt 2 0/2", "test bolt 3 1/2"}));
  EXPECT_TRUE(engine.log.contains("WARN bolt hello")) << engine.log.lines.at(0);
}

}  // namespace
}  // namespace sparse::test
