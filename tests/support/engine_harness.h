// Runs a worker by hand on a clock that the test owns: no threads, no sleeps.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/topology_builder.h"

namespace sparse::test {

/// A spout that emits what it is given, with ids from 0, and keeps the verdicts.
struct SpoutScript {
  std::vector<std::string> messages;
  bool tracked = true;
  std::uint64_t repeat = 1;
  // Seen.
  std::vector<std::uint64_t> acked;
  std::vector<std::pair<std::uint64_t, std::string>> failed;
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

/// A bolt made of a function.
class FunctionBolt final : public Bolt {
 public:
  using Function = std::function<void(const Tuple&, Output&)>;
  explicit FunctionBolt(Function execute, std::function<void(Output&)> finish = {}) : execute_(std::move(execute)), finish_(std::move(finish)) {}
  void execute(const Tuple& input, Output& out) override { execute_(input, out); }
  void finish(Output& out) override {
    if (finish_) finish_(out);
  }

 private:
  Function execute_;
  std::function<void(Output&)> finish_;
};

struct Engine {
  ManualClock clock;
  MemoryLog log;
  LocalFactory factory;
  TopologyBuilder builder;
  std::unique_ptr<worker::Worker> worker;
  std::uint16_t loops = 1;
  bool fusion = true;

  void spout(const std::string& id, SpoutScript& script, std::uint32_t tasks = 1) {
    builder.spout(id, {"value"}, tasks);
    factory.spouts[id] = [&script] { return std::make_unique<ScriptedSpout>(script); };
  }
  void bolt(const std::string& id, std::vector<std::string> fields, std::vector<topology::Input> inputs, FunctionBolt::Function execute,
            std::uint32_t tasks = 1, std::function<void(Output&)> finish = {}) {
    builder.bolt(id, std::move(fields), std::move(inputs), tasks);
    factory.bolts[id] = [execute, finish] { return std::make_unique<FunctionBolt>(execute, finish); };
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
    }
    return sum;
  }
};

}  // namespace sparse::test
