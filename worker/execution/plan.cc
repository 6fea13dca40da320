#include "worker/execution/plan.h"

#include <algorithm>

namespace sparse::worker {
namespace {

using topology::Component;
using topology::Topology;

std::uint32_t component_index(const Topology& topology, std::string_view id) {
  for (std::uint32_t i = 0; i < topology.components.size(); ++i)
    if (topology.components[i].id == id) return i;
  return static_cast<std::uint32_t>(topology.components.size());
}

std::vector<std::uint16_t> positions_of(const std::vector<std::string>& wanted, const std::vector<std::string>& fields) {
  std::vector<std::uint16_t> positions;
  for (const std::string& field : wanted) {
    const auto found = std::find(fields.begin(), fields.end(), field);
    if (found != fields.end()) positions.push_back(static_cast<std::uint16_t>(found - fields.begin()));
  }
  // Storm's PartialKeyGrouping without fields takes the first value.
  if (positions.empty()) positions.push_back(0);
  return positions;
}

void add_streams(const Topology& topology, Plan& plan) {
  for (std::size_t i = 0; i < topology.components.size(); ++i) {
    const Component& component = topology.components[i];
    for (const topology::Stream& stream : component.outputs)
      plan.components[i].streams.push_back({stream.name, stream.fields, stream.direct, {}});
    if (!component.dead_letter.empty())
      plan.components[i].streams.push_back({std::string(kDeadLetterStream), {"message_id", "values", "reason"}, false, {}});
  }
}

void add_edges(const Topology& topology, Plan& plan) {
  const auto subscribe = [&](std::uint32_t source, std::string_view stream_name, std::uint32_t subscriber,
                             const topology::GroupingSpec& grouping) {
    for (PlanStream& stream : plan.components[source].streams)
      if (stream.name == stream_name)
        stream.edges.push_back({subscriber, grouping, positions_of(grouping.fields, stream.fields), false});
  };
  for (std::uint32_t i = 0; i < topology.components.size(); ++i) {
    const Component& component = topology.components[i];
    for (const topology::Input& input : component.inputs) {
      const std::uint32_t source = component_index(topology, input.component);
      if (source < plan.components.size()) subscribe(source, input.stream, i, input.grouping);
    }
    if (!component.dead_letter.empty()) {
      const std::uint32_t target = component_index(topology, component.dead_letter);
      if (target < plan.components.size()) subscribe(i, kDeadLetterStream, target, {});
    }
  }
}

/// Depth-first from the spouts: an edge to a component that is still on the path closes a cycle.
class CycleFinder {
 public:
  explicit CycleFinder(Plan& plan) : plan_(plan), state_(plan.components.size(), State::unseen) {}
  void run() {
    for (std::uint32_t i = 0; i < plan_.components.size(); ++i)
      if (plan_.topology.components[i].is_spout) visit(i);
    for (std::uint32_t i = 0; i < plan_.components.size(); ++i) visit(i);
  }

 private:
  enum class State { unseen, on_path, left };
  struct Step {
    std::uint32_t component;
    std::size_t stream = 0, edge = 0;
  };

  void visit(std::uint32_t start) {
    if (state_[start] != State::unseen) return;
    std::vector<Step> path{{start}};
    state_[start] = State::on_path;
    while (!path.empty()) {
      Step& step = path.back();
      auto& streams = plan_.components[step.component].streams;
      if (step.stream == streams.size()) {
        state_[step.component] = State::left;
        path.pop_back();
        continue;
      }
      if (step.edge == streams[step.stream].edges.size()) {
        ++step.stream;
        step.edge = 0;
        continue;
      }
      PlanEdge& edge = streams[step.stream].edges[step.edge++];
      if (state_[edge.subscriber] == State::on_path) {
        edge.closes_cycle = true;
      } else if (state_[edge.subscriber] == State::unseen) {
        state_[edge.subscriber] = State::on_path;
        path.push_back({edge.subscriber});
      }
    }
  }

  Plan& plan_;
  std::vector<State> state_;
};

void add_upstream(Plan& plan) {
  for (std::uint32_t source = 0; source < plan.components.size(); ++source)
    for (const PlanStream& stream : plan.components[source].streams)
      for (const PlanEdge& edge : stream.edges) {
        auto& upstream = plan.components[edge.subscriber].upstream;
        if (!edge.closes_cycle && std::find(upstream.begin(), upstream.end(), source) == upstream.end())
          upstream.push_back(source);
      }
}

}  // namespace

Placement place(const Topology& topology, std::uint16_t workers, std::uint16_t loops) {
  Placement placement;
  placement.workers = workers;
  placement.shared_loops = loops;
  placement.homes.emplace_back();
  std::uint32_t blocking = 0;  // tasks so far that may have a loop of their own
  for (const Component& component : topology.components)
    for (std::uint32_t i = 0; i < component.parallelism; ++i) {
      std::uint32_t home = i % (std::uint32_t{workers} * loops);
      if (component.blocking) home = std::uint32_t{workers} * loops + blocking++ % (std::uint32_t{workers} * kBlockingLoopsMax);
      placement.homes.push_back({static_cast<std::uint16_t>(home % workers), static_cast<std::uint16_t>(home / workers)});
    }
  placement.loops =
      static_cast<std::uint16_t>(loops + std::min((blocking + workers - 1) / workers, std::uint32_t{kBlockingLoopsMax}));
  return placement;
}

void add_reserve(Placement& placement) {
  const auto own = static_cast<std::uint16_t>(placement.loops - placement.shared_loops);
  const auto tasks = static_cast<std::uint16_t>(std::min<std::size_t>(placement.homes.size() - 1, kReserveLoops));
  placement.reserve_loops = std::min<std::uint16_t>(tasks, own < kBlockingLoopsMax ? kBlockingLoopsMax - own : 0);
  placement.loops = static_cast<std::uint16_t>(placement.loops + placement.reserve_loops);
}

Plan make_plan(const Topology& topology, const Placement& placement) {
  Plan plan;
  plan.topology = topology;
  plan.placement = placement;
  plan.component_of.push_back(0);
  plan.components.resize(topology.components.size());
  for (std::uint32_t i = 0; i < topology.components.size(); ++i) {
    const Component& component = topology.components[i];
    PlanComponent& planned = plan.components[i];
    planned.first = static_cast<TaskId>(plan.component_of.size());
    planned.tasks = component.parallelism;
    planned.tick_ms = 1000 * config_integer(topology, &component, "topology.tick.tuple.freq.secs", 0);
    plan.component_of.insert(plan.component_of.end(), component.parallelism, i);
  }
  for (const Placement::Home home : placement.homes)
    plan.loop_of.push_back(std::uint32_t{home.worker} * placement.loops + home.loop);
  add_streams(topology, plan);
  add_edges(topology, plan);
  CycleFinder(plan).run();
  add_upstream(plan);
  plan.acking = config_integer(topology, nullptr, "topology.acker.executors", 1) != 0;
  plan.timeout = config_boolean(topology, nullptr, "topology.enable.message.timeouts", true)
                     ? config_integer(topology, nullptr, "topology.message.timeout.secs", 30) * kSecond
                     : 0;
  return plan;
}

}  // namespace sparse::worker
