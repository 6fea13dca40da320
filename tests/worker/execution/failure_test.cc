// The last bolt of a chain does everything wrong that it can: the spout hears one verdict each, with its reason, and the run goes
// on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/engine_harness.h"
#include "worker/execution/task.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;
using testing::_;
using testing::Each;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Pair;

constexpr std::uint64_t kMessages = 60;

/// spout → first → second → third; message i is the text "i".
class Chain : public EngineTest {
 protected:
  Chain() {
    for (std::uint64_t i = 0; i < kMessages; ++i) script.messages.push_back(std::to_string(i));
    engine.spout("spout", script);
    const auto pass = [this](const Tuple& in, Output& out) {
      out.emit(in[0]);
      ++emits_returned;
    };
    engine.bolt("first", {"x"}, {Builder::shuffle("spout")}, pass, 2);
    engine.bolt("second", {"x"}, {Builder::shuffle("first")}, pass, 3);
  }
  topology::Component& third(BoltCalls calls) {
    return engine.bolt("third", {"x"}, {Builder::shuffle("second")}, std::move(calls), 2);
  }
  topology::Component& third(FunctionBolt::Function execute) { return third(BoltCalls{.execute = std::move(execute)}); }

  static bool is_bad(const Tuple& in) { return std::stoi(std::string(in.string(0))) % 3 == 0; }

  /// Every third message failed with this reason, all others were acked; nobody but the third bolt noticed.
  void run_and_expect_every_third_to_fail(const testing::Matcher<std::string>& reason) {
    ASSERT_TRUE(engine.run());
    expect_one_verdict_each(script, kMessages);
    EXPECT_EQ(script.failed.size(), kMessages / 3);
    for (const auto& [id, why] : script.failed) {
      EXPECT_EQ(id % 3, 0u);
      EXPECT_THAT(why, reason);
    }
    EXPECT_EQ(emits_returned, 2 * kMessages);
    for (const char* bolt : {"first", "second"}) {
      EXPECT_EQ(engine.total(bolt).executed, kMessages);
      EXPECT_EQ(engine.total(bolt).acked, kMessages);
      EXPECT_EQ(engine.total(bolt).failed, 0u);
    }
    EXPECT_EQ(engine.total("third").executed, kMessages);
    EXPECT_EQ(engine.total("third").failed, kMessages / 3);
    EXPECT_EQ(engine.total("third").acked, kMessages - kMessages / 3);
    EXPECT_EQ(engine.total("spout").failed, kMessages / 3);
    EXPECT_EQ(engine.total("spout").acked, kMessages - kMessages / 3);
    EXPECT_EQ(engine.total("spout").timed_out, 0u);
    EXPECT_EQ(engine.total("spout").pending, 0u);
  }

  SpoutScript script;
  std::uint64_t emits_returned = 0;
};
INSTANTIATE_TEST_SUITE_P(Failure, Chain, every_mode(), name_of_mode);
INSTANTIATE_TEST_SUITE_P(Failure, EngineTest, every_mode(), name_of_mode);

TEST_P(Chain, hears_of_a_bolt_that_fails_its_input) {
  third([](const Tuple& in, Output& out) {
    if (!is_bad(in)) return;
    out.fail("no such customer");
    out.fail("and once more");
  });
  run_and_expect_every_third_to_fail("no such customer");
}

TEST_P(Chain, hears_of_a_bolt_that_throws) {
  third([](const Tuple& in, Output&) {
    if (is_bad(in)) throw std::runtime_error("it broke");
  });
  run_and_expect_every_third_to_fail("it broke");
}

TEST_P(Chain, hears_of_a_bolt_that_throws_something_odd) {
  third([](const Tuple& in, Output&) {
    if (is_bad(in)) throw 42;
  });
  run_and_expect_every_third_to_fail("an exception that is no std::exception");
}

TEST_P(Chain, hears_of_a_bolt_with_manual_acks_that_fails_its_input) {
  third([](const Tuple& in, Output& out) { is_bad(in) ? out.fail(in, "by hand") : out.ack(in); }).manual_ack = true;
  run_and_expect_every_third_to_fail("by hand");
}

TEST_P(Chain, hears_of_a_bolt_with_manual_acks_that_throws) {
  third([](const Tuple& in, Output& out) {
    if (is_bad(in)) throw std::runtime_error("before its verdict");
    out.ack(in);
  }).manual_ack = true;
  run_and_expect_every_third_to_fail("before its verdict");
}

TEST_P(Chain, hears_of_an_undeclared_stream_by_name) {
  third([](const Tuple& in, Output& out) {
    if (is_bad(in)) out.emit(Emit{.stream = "errors"}, 1);
  });
  run_and_expect_every_third_to_fail(
      "component \"third\" emitted to stream \"errors\", which it does not declare; declared: default");
  EXPECT_EQ(engine.total("third").errors, kMessages / 3);
  EXPECT_TRUE(engine.log.contains("further errors of this task are only counted")) << "the log is throttled";
}

TEST_P(Chain, hears_of_a_wrong_number_of_values) {
  third([](const Tuple& in, Output& out) {
    if (is_bad(in)) out.emit("a", "b", "c");
  });
  run_and_expect_every_third_to_fail("component \"third\" emitted 3 values on stream \"default\", which has 1 fields");
}

TEST_P(Chain, hears_of_a_field_that_does_not_exist) {
  third([](const Tuple& in, Output&) {
    if (is_bad(in)) in.string(7);
  });
  run_and_expect_every_third_to_fail("tuple has no field 7: it has 1");
}

TEST_P(Chain, hears_of_a_field_name_that_does_not_exist) {
  third([](const Tuple& in, Output&) {
    if (is_bad(in)) in["y"].string();
  });
  run_and_expect_every_third_to_fail("stream second/default has no field \"y\"");
}

TEST_P(Chain, hears_of_a_field_read_as_another_type) {
  third([](const Tuple& in, Output&) {
    if (is_bad(in)) in.integer(0);
  });
  run_and_expect_every_third_to_fail("expected a value of type integer, found string");
}

TEST_P(Chain, hears_of_a_tuple_that_is_too_large_to_wait) {
  const std::string large(65u << 20, 'x');
  int executed = 0;
  third([&](const Tuple& in, Output& out) {
    if (std::stoi(std::string(in.string(0))) == 3)
      out.emit(large);
    else
      out.emit(in[0]);
  });
  engine.bolt(
      "sink", {}, {Builder::shuffle("third")},
      [&](const Tuple& in, Output& out) {
        ++executed;
        out.ack(in);
      },
      2);
  engine.builder.last().manual_ack = true;  // so that nothing is handed over directly
  ASSERT_TRUE(engine.run());
  ASSERT_EQ(script.failed.size(), 1u);
  EXPECT_THAT(script.failed[0],
              Pair(3u, "component \"third\" emitted a tuple of more than 64 MiB, or nested deeper than 128 levels"));
  EXPECT_EQ(script.acked.size(), kMessages - 1);
  EXPECT_EQ(executed, static_cast<int>(kMessages) - 1);
}

TEST_P(Chain, waits_for_a_bolt_that_acks_after_ten_seconds) {
  std::vector<Retained> kept;
  std::map<TaskId, Context*> contexts;
  const Nanoseconds start = engine.clock.now();
  BoltCalls calls;
  calls.open = [&](Context& context) { contexts[context.task()] = &context; };
  calls.execute = [&](const Tuple& in, Output& out) {
    kept.push_back(in.retain());
    contexts.at(worker::Task::of(out).id)->start_timer(std::chrono::seconds(10));
  };
  calls.timer = [&](Output&) {
    EXPECT_GE(engine.clock.now(), start + 10 * kSecond);
    kept.front().ack();
    kept.erase(kept.begin());
  };
  third(calls).manual_ack = true;
  ASSERT_TRUE(engine.run());
  expect_one_verdict_each(script, kMessages);
  EXPECT_EQ(script.acked.size(), kMessages);
  EXPECT_LT(engine.clock.now(), start + 11 * kSecond);
}

TEST_P(Chain, times_out_what_a_bolt_never_acks_between_T_and_a_tenth_later) {
  third([](const Tuple& in, Output& out) {
    if (!is_bad(in)) out.ack(in);
  }).manual_ack = true;
  const Nanoseconds start = engine.clock.now();
  EXPECT_FALSE(engine.run(30 * kSecond - kMillisecond));
  EXPECT_TRUE(script.failed.empty());
  EXPECT_EQ(script.acked.size(), kMessages - kMessages / 3);
  ASSERT_TRUE(engine.run());
  EXPECT_LE(engine.clock.now() - start, 33 * kSecond);
  expect_one_verdict_each(script, kMessages);
  EXPECT_EQ(script.failed.size(), kMessages / 3);
  EXPECT_THAT(script.failed, Each(Pair(_, HasSubstr("timeout"))));
  EXPECT_EQ(engine.total("spout").timed_out, kMessages / 3);
  EXPECT_EQ(engine.total("spout").failed, kMessages / 3);
  EXPECT_EQ(engine.total("third").acked, kMessages - kMessages / 3) << "what it never acked does not count as acked";
}

TEST_P(Chain, counts_and_ignores_second_verdicts) {
  third([](const Tuple& in, Output& out) {
    out.ack(in);
    out.ack(in);
    out.fail(in, "too late");
  }).manual_ack = true;
  ASSERT_TRUE(engine.run());
  expect_one_verdict_each(script, kMessages);
  EXPECT_EQ(script.acked.size(), kMessages);
  EXPECT_EQ(engine.total("third").errors, 2 * kMessages);
  EXPECT_TRUE(engine.log.contains("gave a second verdict on one input; the first one counts"));
}

TEST_P(Chain, counts_and_ignores_acks_of_a_bolt_that_acks_by_returning) {
  third([](const Tuple& in, Output& out) { out.ack(in); });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(script.acked.size(), kMessages);
  EXPECT_EQ(engine.total("third").errors, kMessages);
  EXPECT_TRUE(engine.log.contains("manual_ack"));
}

TEST_P(EngineTest, fails_once_if_one_of_two_branches_fails_and_runs_the_other) {
  SpoutScript script{.messages = {"x"}, .repeat = 100};
  int good = 0, bad = 0;
  engine.spout("spout", script);
  engine.bolt("fork", {"x"}, {Builder::shuffle("spout")}, [](const Tuple& in, Output& out) {
    out.emit(in[0]);
    out.emit(in[0]);
  });
  engine.bolt(
      "bad", {}, {Builder::shuffle("fork")},
      [&](const Tuple&, Output&) {
        ++bad;
        throw std::runtime_error("bad branch");
      },
      2);
  engine.bolt("good", {}, {Builder::shuffle("fork")}, [&](const Tuple&, Output&) { ++good; }, 3);
  ASSERT_TRUE(engine.run());
  expect_one_verdict_each(script, 100);
  EXPECT_EQ(script.failed.size(), 100u);
  EXPECT_THAT(script.failed, Each(Pair(_, "bad branch")));
  EXPECT_EQ(good, 200);
  EXPECT_EQ(bad, 200);
}

TEST_P(EngineTest, delivers_a_million_tuples_of_one_input_and_acks_it_once) {
  SpoutScript script{.messages = {"x"}};
  std::uint64_t executed = 0;
  engine.spout("spout", script);
  engine.bolt("many", {"n"}, {Builder::shuffle("spout")}, [](const Tuple&, Output& out) {
    for (int i = 0; i < 1'000'000; ++i) out.emit(i);
  });
  engine.bolt(
      "sink", {}, {Builder::shuffle("many")},
      [&](const Tuple&, Output&) {
        if (++executed % 1000 == 0) engine.clock.advance(kMillisecond / 2);  // so that steps come to their end
      },
      3);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(executed, 1'000'000u);
  EXPECT_EQ(script.acked.size(), 1u);
  EXPECT_TRUE(script.failed.empty());
  EXPECT_LT(engine.worker->stats().pooled_bytes, 16u << 20) << "given back after the rush";
}

TEST_P(EngineTest, fails_by_name_an_input_of_which_too_much_would_wait_and_goes_on) {
  SpoutScript script{.messages = {"small", "huge", "small", "small"}};
  engine.builder.config("topology.max.spout.pending", 1);
  const std::string piece(1u << 20, 'x');
  std::uint64_t executed = 0, most = 0;
  engine.spout("spout", script);
  engine.bolt("many", {"piece"}, {Builder::shuffle("spout")}, [&](const Tuple& in, Output& out) {
    const int pieces = in.string(0) == "huge" ? 300 : 1;
    for (int i = 0; i < pieces; ++i) out.emit(piece);
    most = std::max(most, engine.worker->stats().pooled_bytes);
  });
  auto& sink = engine.bolt("sink", {}, {Builder::shuffle("many")},
                           BoltCalls{.execute =
                                         [&](const Tuple& in, Output& out) {
                                           ++executed;
                                           out.ack(in);
                                         }},
                           3);
  sink.manual_ack = true;  // so that nothing is handed over directly
  ASSERT_TRUE(engine.run());
  EXPECT_GT(most, 250u << 20);
  EXPECT_LT(most, 260u << 20);
  ASSERT_EQ(script.failed.size(), 1u);
  EXPECT_THAT(script.failed[0],
              Pair(1u, "component \"many\" emitted more from one input than may wait: 256 MiB of tuples in this worker"));
  EXPECT_EQ(script.acked, (std::vector<std::uint64_t>{0, 2, 3}));
  EXPECT_GT(executed, 250u) << "what was accepted is delivered";
  EXPECT_LT(engine.worker->stats().pooled_bytes, 16u << 20);
}

TEST_P(EngineTest, stays_flat_while_a_spout_outruns_slow_bolts_for_a_minute) {
  SpoutScript script{.messages = {std::string(100, 'x')}, .repeat = 1'000'000'000};
  std::uint64_t first = 0, second = 0, most = 0;
  engine.spout("spout", script, 1);
  engine.bolt(
      "first", {"x"}, {Builder::shuffle("spout")},
      [&](const Tuple& in, Output& out) {
        ++first;
        engine.clock.advance(kMillisecond / 5);
        out.emit(in[0]);
      },
      2);
  engine.bolt(
      "second", {}, {Builder::shuffle("first")},
      [&](const Tuple&, Output&) {
        ++second;
        engine.clock.advance(kMillisecond);
      },
      3);
  engine.start();
  const Nanoseconds end = engine.clock.now() + 60 * kSecond;
  while (engine.clock.now() < end) {
    if (!engine.worker->step()) engine.clock.advance(kMicrosecond);
    most = std::max(most, engine.worker->stats().pooled_bytes);
  }
  engine.worker->drain();
  ASSERT_TRUE(engine.run());
  EXPECT_LT(most, 4u << 20);
  EXPECT_GT(script.emitted, 40'000u);
  EXPECT_EQ(first, script.emitted);
  EXPECT_EQ(second, script.emitted);
  EXPECT_EQ(script.acked.size(), script.emitted);
  EXPECT_TRUE(script.failed.empty());
}

TEST_P(EngineTest, times_nothing_out_by_waiting_alone) {
  SpoutScript script{.messages = {"x"}, .repeat = 10'000};
  engine.spout("spout", script);
  engine.bolt("pass", {"x"}, {Builder::shuffle("spout")}, [](const Tuple& in, Output& out) { out.emit(in[0]); }, 3);
  engine.bolt("slow", {}, {Builder::shuffle("pass")}, [&](const Tuple&, Output&) { engine.clock.advance(100 * kMillisecond); });
  ASSERT_TRUE(engine.run(1500 * kSecond));
  EXPECT_EQ(script.acked.size(), 10'000u);
  EXPECT_TRUE(script.failed.empty());
}

// The slots of failed trees rest for a timeout. When all do, the next trees fail by name, and never touch another's.
TEST_P(EngineTest, fails_by_name_what_finds_no_place_in_the_ledger) {
  SpoutScript script{.messages = {"x"}, .repeat = (1u << 20) + 1000};
  engine.spout("spout", script);
  auto& bad = engine.bolt("bad", {}, {Builder::shuffle("spout")},
                          BoltCalls{.execute = [](const Tuple& in, Output& out) { out.fail(in, "bad"); }}, 2);
  bad.manual_ack = true;  // trees that never leave the stack would need no place
  ASSERT_TRUE(engine.run(20 * kSecond));
  EXPECT_TRUE(script.acked.empty());
  ASSERT_EQ(script.failed.size(), (1u << 20) + 1000);
  std::map<std::string, std::uint64_t> reasons;
  for (const auto& [id, reason] : script.failed) ++reasons[reason.substr(0, 21)];
  EXPECT_EQ(reasons, (std::map<std::string, std::uint64_t>{{"bad", 1u << 20}, {"no place for the tree", 1000}}));
}

TEST_P(EngineTest, goes_on_with_tuples_of_trees_that_found_no_place) {
  constexpr std::uint64_t kPlaces = 1u << 20, kMore = 1000;
  std::uint64_t sent = 0, failed = 0, without_place = 0;
  engine.builder.config("topology.message.timeout.secs", 3600);
  engine.spout("spout", {"x"},
               {.next =
                    [&](Output& out) {
                      if (sent == kPlaces + kMore) return Next::exhausted;
                      out.emit(MessageId{sent++}, "m");
                      return Next::emitted;
                    },
                .fail =
                    [&](std::uint64_t, std::string_view why) {
                      ++failed;
                      if (why.starts_with("no place for the tree")) ++without_place;
                    }});
  auto& first = engine.bolt("first", {"x"}, {Builder::shuffle("spout")}, BoltCalls{.execute = [](const Tuple& in, Output& out) {
                              out.emit(in[0]);
                              out.fail(in, "bad");
                            }});
  first.manual_ack = true;  // trees that never leave the stack would need no place
  std::uint64_t received = 0;
  engine.bolt("second", {}, {Builder::shuffle("first")}, [&](const Tuple&, Output&) { ++received; }, 2);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(failed, kPlaces + kMore);
  EXPECT_EQ(without_place, kMore);
  EXPECT_EQ(received, kPlaces + kMore) << "what was queued is executed all the same";
}

}  // namespace
}  // namespace sparse::test
