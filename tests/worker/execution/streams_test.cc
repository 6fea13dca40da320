// Named and direct streams, what a tuple says of its origin, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/engine_harness.h"
#include "worker/execution/task.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;
using topology::GroupingKind;
INSTANTIATE_TEST_SUITE_P(Streams, EngineTest, every_mode(), name_of_mode);

TEST_P(EngineTest, carries_named_streams_and_says_where_a_tuple_comes_from) {
  SpoutScript script{.messages = {"good", "bad"}, .repeat = 10};
  std::map<std::string, int> seen;
  engine.spout("source", script);
  engine.bolt(
      "sort", {"word"}, {Builder::shuffle("source")},
      [](const Tuple& in, Output& out) {
        if (in.string(0) == "bad")
          out.emit(Emit{.stream = "errors"}, 42, in[0], true);
        else
          out.emit(in[0]);
      },
      2);
  engine.builder.last().outputs.push_back({"errors", {"code", "text", "final"}, false, {}});
  engine.bolt(
      "sink", {}, {Builder::shuffle("sort"), Builder::shuffle("sort", "errors"), Builder::shuffle("source")},
      [&](const Tuple& in, Output&) {
        std::string line = std::string(in.source_component()) + "/" + std::string(in.stream());
        if (in.stream() == "errors") {
          EXPECT_EQ(in["code"].integer(), 42);
          EXPECT_EQ(in["text"].string(), "bad");
          EXPECT_TRUE(in["final"].boolean());
          EXPECT_EQ(in.size(), 3u);
        }
        if (in.source_component() == "sort") {
          EXPECT_THAT(in.source_task(), testing::AnyOf(2u, 3u));
        } else {
          line += ":" + std::string(in["value"].string());
        }
        ++seen[line];
      },
      3);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(seen, (std::map<std::string, int>{
                      {"sort/default", 10}, {"sort/errors", 10}, {"source/default:bad", 10}, {"source/default:good", 10}}));
  EXPECT_EQ(script.acked.size(), 20u);
}

TEST_P(EngineTest, sends_direct_tuples_to_the_task_that_was_named) {
  SpoutScript script{.messages = {"x"}, .repeat = 30};
  std::map<TaskId, std::vector<std::int64_t>> seen;
  std::vector<TaskId> told;
  engine.spout("source", script);
  std::int64_t number = 0;
  engine.bolt("caller", {}, {Builder::shuffle("source")}, [&](const Tuple&, Output& out) {
    const TaskId task = 3 + static_cast<TaskId>(number % 4);
    std::vector<TaskId> targets;
    out.emit(Emit{.stream = "calls", .task = task, .targets = &targets}, number++);
    told.insert(told.end(), targets.begin(), targets.end());
  });
  engine.builder.last().outputs.push_back({"calls", {"n"}, true, {}});
  engine.bolt(
      "sink", {}, {Builder::grouped("caller", GroupingKind::direct, "calls")},
      [&](const Tuple& in, Output&) { seen[worker::Task::of(*in.receiver()).id].push_back(in.integer(0)); }, 4);
  ASSERT_TRUE(engine.run());
  ASSERT_EQ(seen.size(), 4u);
  for (const auto& [task, numbers] : seen)
    for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], task - 3 + 4 * static_cast<std::int64_t>(i));
  ASSERT_EQ(told.size(), 30u);
  for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i], 3 + i % 4);
  EXPECT_EQ(script.acked.size(), 30u);
}

TEST_P(EngineTest, fails_what_is_sent_directly_to_a_task_that_does_not_listen) {
  SpoutScript script{.messages = {"x"}, .repeat = 3};
  engine.spout("source", script);
  TaskId to = 1;  // the source itself, the caller itself, no task at all
  engine.bolt("caller", {}, {Builder::shuffle("source")}, [&](const Tuple&, Output& out) {
    out.emit(Emit{.stream = "calls", .task = to}, 1);
    to = to == 2 ? 99 : to + 1;
  });
  engine.builder.last().outputs.push_back({"calls", {"n"}, true, {}});
  engine.bolt("sink", {}, {Builder::grouped("caller", GroupingKind::direct, "calls")},
              [](const Tuple&, Output&) { ADD_FAILURE(); });
  ASSERT_TRUE(engine.run());
  ASSERT_EQ(script.failed.size(), 3u);
  for (const auto& [id, reason] : script.failed)
    EXPECT_EQ(reason, "component \"caller\" emitted directly to task " + std::to_string(id == 2 ? 99 : id + 1) +
                          " on stream \"calls\", which no direct input of that task reads");
}

TEST_P(EngineTest, tells_the_targets_of_an_emit) {
  SpoutScript script{.messages = {"x"}, .repeat = 6};
  std::vector<std::vector<TaskId>> told;
  engine.spout("source", script);
  engine.bolt("pass", {"x"}, {Builder::shuffle("source")}, [&](const Tuple& in, Output& out) {
    std::vector<TaskId> targets;
    out.emit(Emit{.targets = &targets}, in[0]);
    told.push_back(targets);
  });
  engine.bolt("one", {}, {Builder::shuffle("pass")}, [](const Tuple&, Output&) {}, 2);
  engine.bolt("every", {}, {Builder::grouped("pass", GroupingKind::all)}, [](const Tuple&, Output&) {}, 2);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(told, (std::vector<std::vector<TaskId>>{{3, 5, 6}, {4, 5, 6}, {3, 5, 6}, {4, 5, 6}, {3, 5, 6}, {4, 5, 6}}));
}

TEST_P(EngineTest, subscribes_a_stream_twice_if_it_is_asked_to) {
  SpoutScript script{.messages = {"x"}, .repeat = 10};
  int executed = 0;
  engine.spout("source", script);
  engine.bolt(
      "sink", {}, {Builder::grouped("source", GroupingKind::global), Builder::grouped("source", GroupingKind::all)},
      [&](const Tuple&, Output&) { ++executed; }, 3);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(executed, 40);
  EXPECT_EQ(script.acked.size(), 10u);
}

/// Throws what is no exception: in its constructor, in `prepare` or in `choose`.
class Odd final : public Grouping {
 public:
  enum class Place { constructor, prepare, choose };
  explicit Odd(Place place) : place_(place) { throw_in(Place::constructor); }
  void prepare(const std::vector<TaskId>&, const Value&) override { throw_in(Place::prepare); }
  void choose(const Tuple&, std::vector<TaskId>&) override { throw_in(Place::choose); }

 private:
  void throw_in(Place place) const {
    if (place == place_) throw 42;
  }
  const Place place_;
};

class OddOrEven final : public Grouping {
 public:
  void prepare(const std::vector<TaskId>& targets, const Value& arguments) override {
    targets_ = targets;
    foreign_ = arguments.find("foreign") != nullptr;
  }
  void choose(const Tuple& tuple, std::vector<TaskId>& chosen) override {
    if (foreign_) return chosen.push_back(1);
    chosen.push_back(targets_[tuple.string(0).size() % 2]);
  }

 private:
  std::vector<TaskId> targets_;
  bool foreign_ = false;
};

topology::Input custom(Value::Map arguments) {
  topology::Input input = Builder::grouped("source", GroupingKind::custom);
  input.grouping.custom.name = "OddOrEven";
  input.grouping.arguments = Value(std::move(arguments));
  return input;
}

TEST_P(EngineTest, follows_a_custom_grouping) {
  SpoutScript script{.messages = {"a", "bb", "ccc"}, .repeat = 10};
  std::map<TaskId, int> seen;
  engine.factory.groupings["OddOrEven"] = [] { return std::make_unique<OddOrEven>(); };
  engine.spout("source", script);
  engine.bolt("sink", {}, {custom({})}, [&](const Tuple& in, Output&) { ++seen[worker::Task::of(*in.receiver()).id]; }, 2);
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(seen, (std::map<TaskId, int>{{2, 10}, {3, 20}}));
}

class EvenOnly final : public Grouping {
 public:
  void prepare(const std::vector<TaskId>& targets, const Value&) override { targets_ = targets; }
  void choose(const Tuple& tuple, std::vector<TaskId>& chosen) override {
    if (tuple.string(0).size() % 2 == 0) chosen = targets_;
  }

 private:
  std::vector<TaskId> targets_;
};

TEST_P(EngineTest, asks_a_custom_grouping_though_there_is_one_task_only) {
  SpoutScript script{.messages = {"a", "bb", "ccc"}, .repeat = 10};
  int executed = 0;
  engine.factory.groupings["EvenOnly"] = [] { return std::make_unique<EvenOnly>(); };
  engine.spout("source", script);
  engine.bolt("relay", {"x"}, {Builder::shuffle("source")}, [](const Tuple& in, Output& out) { out.emit(in.string(0)); });
  topology::Input even = Builder::grouped("relay", GroupingKind::custom);
  even.grouping.custom.name = "EvenOnly";
  engine.bolt("sink", {}, {even}, [&](const Tuple&, Output&) { ++executed; });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(executed, 10);
  EXPECT_EQ(script.acked.size(), 30u);
}

TEST_P(EngineTest, fails_what_a_custom_grouping_sends_to_a_foreign_task) {
  SpoutScript script{.messages = {"a"}, .repeat = 3};
  engine.factory.groupings["OddOrEven"] = [] { return std::make_unique<OddOrEven>(); };
  engine.spout("source", script);
  engine.bolt("sink", {}, {custom({{"foreign", true}})}, [](const Tuple&, Output&) { ADD_FAILURE(); }, 2);
  ASSERT_TRUE(engine.run());
  ASSERT_EQ(script.failed.size(), 3u);
  EXPECT_EQ(script.failed[0].second,
            "component \"source\" emitted on stream \"default\": the custom grouping chose task 1, which is not one of the "
            "subscriber's");
}

TEST_P(EngineTest, survives_a_custom_grouping_that_throws_something_odd) {
  SpoutScript script{.messages = {"a"}, .repeat = 3};
  engine.factory.groupings["OddOrEven"] = [] { return std::make_unique<Odd>(Odd::Place::choose); };
  engine.spout("source", script);
  engine.bolt("sink", {}, {custom({})}, [](const Tuple&, Output&) { ADD_FAILURE(); });
  ASSERT_TRUE(engine.run());
  ASSERT_EQ(script.failed.size(), 3u);
  EXPECT_EQ(script.failed[0].second,
            "component \"source\" emitted on stream \"default\": an exception that is no std::exception");
  for (const Odd::Place place : {Odd::Place::constructor, Odd::Place::prepare}) {
    engine.factory.groupings["OddOrEven"] = [place] { return std::make_unique<Odd>(place); };
    worker::WorkerOptions options;
    options.clock = &engine.clock;
    options.log = &engine.log;
    options.factory = &engine.factory;
    options.placement = worker::place(engine.builder.topology, 1, engine.loops);
    const auto made = worker::Worker::create(engine.builder.topology, std::move(options));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message,
              "custom grouping \"OddOrEven\" could not be prepared: an exception that is no std::exception");
  }
}

TEST_P(EngineTest, refuses_wrong_emits_of_a_spout_by_name_and_goes_on) {
  std::uint64_t emitted = 0;
  std::map<std::uint64_t, std::string> failed;
  std::vector<std::uint64_t> acked;
  auto& spout = engine.spout("source", {"value"},
                             SpoutCalls{.next =
                                            [&](Output& out) {
                                              const MessageId id{emitted++};
                                              switch (id.value) {
                                                case 0: out.emit(Emit{.stream = "nowhere", .id = id}, 1); break;
                                                case 1: out.emit(id, 1, 2); break;
                                                case 2: out.emit(Emit{.id = id, .task = 2}, 1); break;
                                                case 3: out.emit(Emit{.stream = "calls", .id = id}, 1); break;
                                                case 4: out.emit(id, 1); break;
                                                default: return Next::exhausted;
                                              }
                                              return Next::emitted;
                                            },
                                        .ack = [&](std::uint64_t id) { acked.push_back(id); },
                                        .fail = [&](std::uint64_t id, std::string_view reason) { failed[id] = reason; }});
  spout.outputs.push_back({"calls", {"n"}, true, {}});
  engine.bolt("sink", {}, {Builder::shuffle("source")}, [](const Tuple&, Output&) {});
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(acked, std::vector<std::uint64_t>{4});
  EXPECT_EQ(failed,
            (std::map<std::uint64_t, std::string>{
                {0, "component \"source\" emitted to stream \"nowhere\", which it does not declare; declared: default, calls"},
                {1, "component \"source\" emitted 2 values on stream \"default\", which has 1 fields"},
                {2, "component \"source\" emitted directly to a task on stream \"default\", which is not declared direct"},
                {3, "component \"source\" emitted without naming a task on stream \"calls\", which is a direct stream"}}));
  EXPECT_EQ(engine.total("source").errors, 4u);
}

TEST_P(EngineTest, acks_what_nobody_subscribes_to) {
  SpoutScript script{.messages = {"x"}, .repeat = 10};
  engine.spout("source", script);
  engine.bolt("end", {"unheard"}, {Builder::shuffle("source")}, [](const Tuple& in, Output& out) { out.emit(in[0]); });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(script.acked.size(), 10u);
  EXPECT_EQ(engine.total("end").emitted, 10u);
  EXPECT_EQ(engine.total("end").transferred, 0u);
}

}  // namespace
}  // namespace sparse::test
