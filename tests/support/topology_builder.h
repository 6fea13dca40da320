// Topologies and components for tests, without files: a small builder and a factory that makes what it was given.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/log/log.h"
#include "worker/components/component.h"
#include "worker/worker.h"

namespace sparse::test {

/// Makes components by name: a component `builtin: NAME` in the model.
class LocalFactory final : public worker::ComponentFactory {
 public:
  std::map<std::string, std::function<std::unique_ptr<Bolt>()>> bolts;
  std::map<std::string, std::function<std::unique_ptr<Spout>()>> spouts;
  std::map<std::string, std::function<std::unique_ptr<Grouping>()>> groupings;

  Result<ComponentSpec> describe(const topology::Component&) override { return ComponentSpec{}; }
  Result<worker::MadeComponent> make(const topology::Topology&, const topology::Component& component) override {
    worker::MadeComponent made;
    if (component.is_spout)
      made.spout = spouts.at(component.id)();
    else
      made.bolt = bolts.at(component.id)();
    made.external = dynamic_cast<worker::ExternalBolt*>(made.bolt.get());
    return made;
  }
  Result<std::unique_ptr<Grouping>> make_grouping(const topology::Implementation& implementation) override {
    return groupings.at(implementation.name)();
  }
};

/// Keeps what is logged.
class MemoryLog final : public Log {
 public:
  void write(const LogEntry& entry) override {
    lines.push_back(std::string(level_name(entry.level)) + " " + std::string(entry.component) + " " + std::string(entry.text));
  }
  std::vector<std::string> lines;
  bool contains(std::string_view text) const {
    for (const std::string& line : lines)
      if (line.find(text) != std::string::npos) return true;
    return false;
  }
};

/// `TopologyBuilder().spout("lines", {"line"}).bolt("split", {"word"}, {{"lines", shuffle}})`
class TopologyBuilder {
 public:
  TopologyBuilder() { topology.name = "test"; }
  TopologyBuilder& spout(std::string id, std::vector<std::string> fields, std::uint32_t tasks = 1) {
    topology::Component component;
    component.id = std::move(id);
    component.is_spout = true;
    component.parallelism = tasks;
    component.outputs.push_back({"default", std::move(fields), false, {}});
    topology.components.push_back(std::move(component));
    return *this;
  }
  TopologyBuilder& bolt(std::string id, std::vector<std::string> fields, std::vector<topology::Input> inputs,
                        std::uint32_t tasks = 1) {
    topology::Component component;
    component.id = std::move(id);
    component.parallelism = tasks;
    if (!fields.empty()) component.outputs.push_back({"default", std::move(fields), false, {}});
    component.inputs = std::move(inputs);
    topology.components.push_back(std::move(component));
    return *this;
  }
  TopologyBuilder& config(std::string key, Value value) {
    topology.config.as<Value::Map>()->emplace_back(std::move(key), std::move(value));
    return *this;
  }
  topology::Component& last() { return topology.components.back(); }

  static topology::Input shuffle(std::string from, std::string stream = "default") {
    return {std::move(from), std::move(stream), {}, {}};
  }
  static topology::Input fields(std::string from, std::vector<std::string> names) {
    return {std::move(from), "default", {topology::GroupingKind::fields, std::move(names), {}, {}}, {}};
  }
  static topology::Input grouped(std::string from, topology::GroupingKind kind, std::string stream = "default") {
    return {std::move(from), std::move(stream), {kind, {}, {}, {}}, {}};
  }

  topology::Topology topology;
};

}  // namespace sparse::test
