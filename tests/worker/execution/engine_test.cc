// Whole topologies, on one loop and on several, with direct calls and without.
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "tests/support/engine_harness.h"
#include "worker/execution/task.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;
using topology::GroupingKind;
INSTANTIATE_TEST_SUITE_P(Modes, EngineTest, every_mode(), name_of_mode);

/// Lines of words that repeat, and how often each word is in them.
struct Text {
  explicit Text(std::uint64_t seed, int line_count) {
    Random random(seed);
    for (int i = 0; i < line_count; ++i) {
      std::string line;
      for (std::uint64_t left = random.below(12); left > 0; --left) {
        const std::string word = "w" + std::to_string(random.below(200));
        line += word + (random.chance(1, 5) ? "  " : " ");
        ++counts[word];
        ++words;
      }
      lines.push_back(line);
    }
  }
  std::vector<std::string> lines;
  std::map<std::string, int> counts;
  std::uint64_t words = 0;
};

void split(const Tuple& line, Output& out) {
  for (const std::string_view word : words(line.string(0))) out.emit(word);
}

TEST_P(EngineTest, counts_words_exactly_and_acks_every_line_once) {
  const Text text(7, 2000);
  SpoutScript script{.messages = text.lines};
  std::map<std::string, int> counts;
  std::map<std::string, std::set<TaskId>> where;
  engine.spout("lines", script);
  engine.bolt("split", {"word"}, {Builder::shuffle("lines")}, split, 2);
  engine.bolt(
      "count", {}, {Builder::fields("split", {"word"})},
      [&](const Tuple& word, Output&) { ++counts[std::string(word.string(0))]; }, 3);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(counts, text.counts);
  expect_one_verdict_each(script, 2000);
  EXPECT_EQ(script.acked.size(), 2000u);

  const auto lines = engine.total("lines"), splits = engine.total("split"), count = engine.total("count");
  EXPECT_EQ(lines.emitted, 2000u);
  EXPECT_EQ(lines.transferred, 2000u);
  EXPECT_EQ(lines.acked, 2000u);
  EXPECT_EQ(lines.failed, 0u);
  EXPECT_EQ(lines.pending, 0u);
  EXPECT_EQ(splits.executed, 2000u);
  EXPECT_EQ(splits.acked, 2000u);
  EXPECT_EQ(splits.emitted, text.words);
  EXPECT_EQ(splits.transferred, text.words);
  EXPECT_EQ(count.executed, text.words);
  EXPECT_EQ(count.acked, text.words);
  EXPECT_EQ(count.emitted, 0u);
  EXPECT_EQ(count.failed + count.errors + splits.errors + lines.errors, 0u);
  EXPECT_EQ(lines.crossed + splits.crossed > 0, crosses());
  for (const auto& task : engine.worker->stats().tasks) EXPECT_TRUE(task.ended);
}

TEST_P(EngineTest, counts_words_exactly_with_several_spouts_and_any_parallelism) {
  for (const std::uint32_t spouts : {1u, 2u, 5u})
    for (const std::uint32_t counters : {1u, 4u}) {
      Engine fresh;
      reset(fresh);
      const Text text(spouts, 300);
      std::map<std::string, int> counts;
      std::vector<std::size_t> at(spouts);
      std::uint64_t acked = 0;
      fresh.builder.spout("lines", {"value"}, spouts);
      fresh.factory.spouts["lines"] = [&, made = 0u]() mutable {
        std::size_t& next = at[made++];
        return std::make_unique<FunctionSpout>(SpoutCalls{.next =
                                                              [&](Output& out) {
                                                                if (next == text.lines.size()) return Next::exhausted;
                                                                out.emit(MessageId{next}, text.lines[next]);
                                                                ++next;
                                                                return Next::emitted;
                                                              },
                                                          .ack = [&](std::uint64_t) { ++acked; }});
      };
      fresh.bolt("split", {"word"}, {Builder::shuffle("lines")}, split, 3);
      fresh.bolt(
          "count", {}, {Builder::fields("split", {"word"})},
          [&](const Tuple& word, Output&) { ++counts[std::string(word.string(0))]; }, counters);
      ASSERT_TRUE(fresh.run());
      for (const auto& [word, count] : text.counts) EXPECT_EQ(counts[word], count * static_cast<int>(spouts));
      EXPECT_EQ(acked, 300 * spouts);
    }
}

TEST_P(EngineTest, sends_equal_keys_to_one_task) {
  SpoutScript script{.messages = {"a", "b", "c", "d", "e", "f"}, .repeat = 50};
  std::map<std::string, std::set<TaskId>> where;
  engine.spout("keys", script, 1);
  engine.bolt("pass", {"key"}, {Builder::shuffle("keys")}, [](const Tuple& in, Output& out) { out.emit(in[0]); }, 4);
  engine.bolt(
      "sink", {}, {Builder::fields("pass", {"key"})},
      [&](const Tuple& in, Output&) { where[std::string(in.string(0))].insert(worker::Task::of(*in.receiver()).id); }, 3);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(where.size(), 6u);
  for (const auto& [key, tasks] : where) EXPECT_EQ(tasks.size(), 1u) << key;
}

TEST_P(EngineTest, sends_to_all_tasks_and_acks_once) {
  SpoutScript script{.messages = {"x"}, .repeat = 100};
  std::map<TaskId, int> seen;
  engine.spout("source", script);
  engine.bolt(
      "sink", {}, {Builder::grouped("source", GroupingKind::all)},
      [&](const Tuple& in, Output&) { ++seen[worker::Task::of(*in.receiver()).id]; }, 4);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(seen, (std::map<TaskId, int>{{2, 100}, {3, 100}, {4, 100}, {5, 100}}));
  expect_one_verdict_each(script, 100);
  EXPECT_EQ(script.acked.size(), 100u);
  EXPECT_EQ(engine.total("source").emitted, 100u);
  EXPECT_EQ(engine.total("source").transferred, 400u);
}

TEST_P(EngineTest, acks_as_soon_as_it_emits_without_ackers) {
  SpoutScript script{.messages = {"x"}, .repeat = 500};
  engine.builder.config("topology.acker.executors", 0);
  int executed = 0;
  engine.spout("source", script);
  engine.bolt("pass", {"x"}, {Builder::shuffle("source")}, [](const Tuple& in, Output& out) { out.emit(in[0]); }, 2);
  engine.bolt("sink", {}, {Builder::shuffle("pass")}, [&](const Tuple&, Output&) {
    if (++executed % 100 == 0) throw std::runtime_error("nobody is told");
  });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(executed, 500) << "the end waits for what is under way";
  EXPECT_EQ(script.acked.size(), 500u);
  EXPECT_TRUE(script.failed.empty());
  EXPECT_EQ(engine.total("sink").failed, 5u);
}

TEST_P(EngineTest, delivers_untracked_tuples_and_gives_no_verdicts) {
  SpoutScript script{.messages = {"x"}, .tracked = false, .repeat = 500};
  int executed = 0;
  engine.spout("source", script);
  engine.bolt("pass", {"x"}, {Builder::shuffle("source")}, [](const Tuple& in, Output& out) { out.emit(in[0]); }, 2);
  engine.bolt("sink", {}, {Builder::shuffle("pass")}, [&](const Tuple&, Output&) { ++executed; }, 2);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(executed, 500);
  EXPECT_TRUE(script.acked.empty() && script.failed.empty());
}

// A number goes round the cycle until it is 0: a to b to a.
TEST_P(EngineTest, runs_cycles_to_their_end_and_acks_them) {
  constexpr std::uint64_t kMessages = 50;
  std::uint64_t emitted = 0, acked = 0, failed = 0;
  std::map<std::string, std::uint64_t> executed;
  engine.spout("source", {"n"},
               SpoutCalls{.next =
                              [&](Output& out) {
                                if (emitted == kMessages) return Next::exhausted;
                                out.emit(MessageId{emitted}, emitted);
                                ++emitted;
                                return Next::emitted;
                              },
                          .ack = [&](std::uint64_t) { ++acked; },
                          .fail = [&](std::uint64_t, std::string_view) { ++failed; }});
  const auto step = [&](const char* name) {
    return [&executed, name](const Tuple& in, Output& out) {
      ++executed[name];
      if (in.integer(0) > 0) out.emit(in.integer(0) - 1);
    };
  };
  engine.bolt("a", {"n"}, {Builder::shuffle("source"), Builder::shuffle("b")}, step("a"), 2);
  engine.bolt("b", {"n"}, {Builder::shuffle("a")}, step("b"), 3);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(acked, kMessages);
  EXPECT_EQ(failed, 0u);
  EXPECT_EQ(executed["a"] + executed["b"], kMessages * (kMessages + 1) / 2);
}

TEST_P(EngineTest, runs_a_bolt_that_emits_to_itself) {
  SpoutScript script{.messages = {"x"}, .repeat = 20};
  int executed = 0;
  engine.spout("source", script);
  engine.bolt("loop", {"x"}, {Builder::shuffle("source"), Builder::shuffle("loop")}, [&](const Tuple& in, Output& out) {
    ++executed;
    if (in.string(0).size() < 10) out.emit(std::string(in.string(0)) + "x");
  });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(executed, 200);
  EXPECT_EQ(script.acked.size(), 20u);
}

TEST_P(EngineTest, keeps_no_more_trees_open_than_max_spout_pending) {
  constexpr std::uint64_t kPending = 7;
  engine.builder.config("topology.max.spout.pending", static_cast<std::int64_t>(kPending));
  SpoutScript script{.messages = {"x"}, .repeat = 100};
  std::vector<Retained> kept;
  std::uint64_t most = 0;
  engine.spout("source", script);
  Context* context = nullptr;
  auto& sink = engine.bolt("sink", {}, {Builder::shuffle("source")},
                           BoltCalls{.execute =
                                         [&](const Tuple& in, Output&) {
                                           kept.push_back(in.retain());
                                           most = std::max<std::uint64_t>(most, kept.size());
                                           context->start_timer(std::chrono::seconds(1));
                                         },
                                     .open = [&](Context& own) { context = &own; },
                                     .timer =
                                         [&](Output&) {
                                           if (kept.empty()) return;
                                           kept.front().ack();
                                           kept.erase(kept.begin());
                                         }});
  sink.manual_ack = true;
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(most, kPending);
  EXPECT_EQ(script.acked.size(), 100u);
  EXPECT_TRUE(script.failed.empty());
}

TEST_P(EngineTest, counts_the_complete_latency_of_every_tree) {
  SpoutScript script{.messages = {"x"}, .repeat = 50};
  engine.spout("source", script);
  engine.bolt("sink", {}, {Builder::shuffle("source")}, [&](const Tuple&, Output&) { engine.clock.advance(20 * kMillisecond); });
  ASSERT_TRUE(engine.run());
  Histogram complete, execute;
  for (const auto& task : engine.worker->stats().tasks) {
    complete.merge(task.complete);
    execute.merge(task.execute);
  }
  EXPECT_EQ(complete.count(), 50u);
  EXPECT_GE(complete.at(0.5), 19u * kMillisecond);
  EXPECT_GE(execute.at(0.5), 19u * kMillisecond);
}

TEST_P(EngineTest, drains_when_it_is_told_to) {
  SpoutScript script{.messages = {"x"}, .repeat = 1'000'000'000};
  std::uint64_t executed = 0;
  bool finished = false;
  engine.spout("source", script);
  engine.bolt(
      "sink", {}, {Builder::shuffle("source")}, [&](const Tuple&, Output&) { ++executed; }, 1, [&](Output&) { finished = true; });
  engine.start();
  for (int i = 0; i < 100; ++i) engine.worker->step();
  EXPECT_FALSE(engine.worker->done());
  engine.worker->drain();
  ASSERT_TRUE(engine.run());
  EXPECT_TRUE(finished);
  EXPECT_GT(executed, 0u);
  EXPECT_EQ(executed, script.emitted);
  EXPECT_EQ(script.acked.size(), script.emitted);
}

}  // namespace
}  // namespace sparse::test
