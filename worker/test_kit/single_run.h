// A worker with one component under test between a source and a collector, stepped by hand.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>

#include <sparse/test_kit.h>

#include "core/log/log.h"
#include "worker/worker.h"

namespace sparse::test::detail {

/// Makes what it is given, by component id.
class GivenFactory final : public worker::ComponentFactory {
 public:
  std::map<std::string, std::unique_ptr<Bolt>> bolts;
  std::map<std::string, std::unique_ptr<Spout>> spouts;
  Result<ComponentSpec> describe(const topology::Component&) override { return ComponentSpec{}; }
  Result<worker::MadeComponent> make(const topology::Topology&, const topology::Component& component) override {
    worker::MadeComponent made;
    if (component.is_spout)
      made.spout = std::move(spouts.at(component.id));
    else
      made.bolt = std::move(bolts.at(component.id));
    return made;
  }
  Result<std::unique_ptr<Grouping>> make_grouping(const topology::Implementation&) override {
    return Error{"the test kit has no custom groupings"};
  }
};

class KeptLog final : public Log {
 public:
  void write(const LogEntry& entry) override {
    lines.push_back(std::string(level_name(entry.level)) + " " + std::string(entry.text));
  }
  std::vector<std::string> lines;
};

class SingleRun {
 public:
  void start() {
    worker::WorkerOptions options;
    options.clock = &clock;
    options.log = &log;
    options.factory = &factory;
    options.placement = worker::place(topology, 1, 1);
    auto made = worker::Worker::create(topology, std::move(options));
    if (!made) throw std::runtime_error(made.error().message);
    worker = std::move(*made);
    run();
  }
  /// Until nothing can be done at this time.
  void run() {
    while (worker->step()) {
    }
    if (const auto failure = worker->failure()) throw std::runtime_error(failure->message);
  }
  void advance(Nanoseconds by) {
    const Nanoseconds end = clock.now() + by;
    run();
    while (clock.now() < end) {
      const auto due = worker->next_deadline();
      clock.set(std::min(end, std::max(clock.now() + 1, due.value_or(end))));
      run();
    }
  }

  ManualClock clock;
  KeptLog log;
  GivenFactory factory;
  topology::Topology topology;
  std::unique_ptr<worker::Worker> worker;
};

/// The component under test, as the model has it.
topology::Component component_of(const Setup& setup, std::string id, bool is_spout);

/// Subscribes to all streams of the component under test and passes what it gets to `take`.
std::unique_ptr<Bolt> make_collector(std::function<void(const Tuple&)> take);
topology::Component collector_component(const topology::Component& source, bool manual_ack);

}  // namespace sparse::test::detail
