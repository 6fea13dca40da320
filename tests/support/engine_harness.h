// Runs a worker by hand on a clock that the test owns: no threads, no sleeps.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/function_components.h"
#include "tests/support/topology_builder.h"

namespace sparse::test {

/// A spout that emits what it is given, with ids from 0, and keeps the verdicts.
struct SpoutScript {
  std::vector<std::string> messages = {};
  bool tracked = true;
  std::uint64_t repeat = 1;
  // Seen.
  std::vector<std::uint64_t> acked = {};
  std::vector<std::pair<std::uint64_t, std::string>> failed = {};
  std::uint64_t emitted = 0;
};

class ScriptedSpout final : public Spout {
 public:
  explicit ScriptedSpout(SpoutScript& script) : script_(script) {}
  Next next(Output& out) override {
    if (script_.emitted == script_.messages.size() * script_.repeat) return Next::exhausted;
    const std::uint64_t id = script_.emitted++;
    const std::string& message = script_.messages[id % script_.messages.size()];
    if (script_.tracked)
      out.emit(MessageId{id}, message);
    else
      out.emit(message);
    return Next::emitted;
  }
  void ack(MessageId id) override { script_.acked.push_back(id.value); }
  void fail(MessageId id, std::string_view reason) override { script_.failed.emplace_back(id.value, reason); }

 private:
  SpoutScript& script_;
};

struct Engine {
  ManualClock clock;
  MemoryLog log;
  LocalFactory factory;
  TopologyBuilder builder;
  std::unique_ptr<worker::Worker> worker;
  std::uint16_t loops = 1;
  bool fusion = true;
  std::function<void()> between_steps = {};

  void spout(const std::string& id, SpoutScript& script, std::uint32_t tasks = 1) {
    builder.spout(id, {"value"}, tasks);
    factory.spouts[id] = [&script] { return std::make_unique<ScriptedSpout>(script); };
  }
  void bolt(const std::string& id, std::vector<std::string> fields, std::vector<topology::Input> inputs,
            FunctionBolt::Function execute, std::uint32_t tasks = 1, std::function<void(Output&)> finish = {}) {
    builder.bolt(id, std::move(fields), std::move(inputs), tasks);
    factory.bolts[id] = [execute, finish] {
      return std::make_unique<FunctionBolt>(BoltCalls{.execute = execute, .finish = finish});
    };
  }
  /// The same with all that the components can be asked for. What `calls` capture is shared by the tasks.
  topology::Component& bolt(const std::string& id, std::vector<std::string> fields, std::vector<topology::Input> inputs,
                            BoltCalls calls, std::uint32_t tasks = 1) {
    builder.bolt(id, std::move(fields), std::move(inputs), tasks);
    factory.bolts[id] = [calls] { return std::make_unique<FunctionBolt>(calls); };
    return builder.last();
  }
  topology::Component& spout(const std::string& id, std::vector<std::string> fields, SpoutCalls calls, std::uint32_t tasks = 1) {
    builder.spout(id, std::move(fields), tasks);
    factory.spouts[id] = [calls] { return std::make_unique<FunctionSpout>(calls); };
    return builder.last();
  }
  /// The number of the first task of a component, in the topology as it is so far.
  TaskId first_task(std::string_view component) const {
    TaskId task = 1;
    for (const auto& each : builder.topology.components) {
      if (each.id == component) return task;
      task += each.parallelism;
    }
    return kNoTask;
  }
  void start() {
    worker::WorkerOptions options;
    options.clock = &clock;
    options.log = &log;
    options.factory = &factory;
    options.placement = worker::place(builder.topology, 1, loops);
    options.fusion = fusion;
    auto made = worker::Worker::create(builder.topology, std::move(options));
    ASSERT_TRUE(made) << made.error().message;
    worker = std::move(*made);
  }
  /// Steps until the worker is done, moving the clock on when nothing can be done. False if it is not done after `at_most`.
  bool run(Nanoseconds at_most = 300 * kSecond) {
    if (!worker) start();
    const Nanoseconds end = clock.now() + at_most;
    while (!worker->done()) {
      if (between_steps) between_steps();
      if (worker->step()) {
        clock.advance(kMicrosecond);
        continue;
      }
      if (worker->done()) break;
      if (clock.now() >= end) return false;
      const auto due = worker->next_deadline();
      clock.set(std::min(end, std::max(clock.now() + kMicrosecond, due.value_or(end))));
    }
    return true;
  }
  worker::TaskStats total(std::string_view component) const {
    worker::TaskStats sum;
    for (const worker::TaskStats& task : worker->stats().tasks) {
      if (builder.topology.components[task.component].id != component) continue;
      sum.emitted += task.emitted;
      sum.transferred += task.transferred;
      sum.executed += task.executed;
      sum.acked += task.acked;
      sum.failed += task.failed;
      sum.timed_out += task.timed_out;
      sum.crossed += task.crossed;
      sum.errors += task.errors;
      sum.pending += task.pending;
      sum.queue += task.queue;
    }
    return sum;
  }
};

/// The engine in each way of running: loops and fusion.
struct EngineMode {
  std::uint16_t loops;
  bool fusion;
};
inline void PrintTo(const EngineMode& mode, std::ostream* to) { *to << mode.loops << (mode.fusion ? " fused" : " queued"); }
class EngineTest : public testing::TestWithParam<EngineMode> {
 protected:
  EngineTest() { reset(engine); }
  static void reset(Engine& fresh) {
    fresh.loops = GetParam().loops;
    fresh.fusion = GetParam().fusion;
  }
  bool crosses() const { return GetParam().loops > 1; }
  Engine engine;
};
inline auto every_mode() {
  return testing::Values(EngineMode{1, true}, EngineMode{1, false}, EngineMode{2, true}, EngineMode{2, false},
                         EngineMode{3, true}, EngineMode{3, false});
}
inline std::string name_of_mode(const testing::TestParamInfo<EngineMode>& info) {
  return std::to_string(info.param.loops) + (info.param.loops == 1 ? "_loop_" : "_loops_") +
         (info.param.fusion ? "fused" : "queued");
}

/// Each of the messages 0 … count - 1 was acked once, or else failed once.
inline void expect_one_verdict_each(const SpoutScript& script, std::uint64_t count) {
  std::map<std::uint64_t, int> verdicts;
  for (const std::uint64_t id : script.acked) ++verdicts[id];
  for (const auto& [id, reason] : script.failed) ++verdicts[id];
  EXPECT_EQ(verdicts.size(), count);
  for (const auto& [id, times] : verdicts) {
    EXPECT_LT(id, count);
    EXPECT_EQ(times, 1) << "message " << id;
  }
}

}  // namespace sparse::test
