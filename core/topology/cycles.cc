#include "core/topology/cycles.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace sparse::topology {
namespace {

constexpr std::size_t kLongestPath = 20;

/// Components by their index, with the indices of those that subscribe to them.
using Edges = std::vector<std::vector<std::size_t>>;

Edges edges_of(const Topology& topology) {
  std::unordered_map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < topology.components.size(); ++i) index.emplace(topology.components[i].id, i);
  Edges edges(topology.components.size());
  for (std::size_t i = 0; i < topology.components.size(); ++i) {
    for (const Input& input : topology.components[i].inputs)
      if (const auto source = index.find(input.component); source != index.end()) edges[source->second].push_back(i);
    if (const auto target = index.find(topology.components[i].dead_letter); target != index.end())
      edges[i].push_back(target->second);
  }
  return edges;
}

// The first cycle, from one component back to it; empty if there is none. Keeps its own stack: a chain may be long.
std::vector<std::size_t> find_cycle(const Edges& edges) {
  enum class State : char { unseen, open, done };
  std::vector<State> states(edges.size(), State::unseen);
  std::vector<std::pair<std::size_t, std::size_t>> path;  // component, next edge
  for (std::size_t root = 0; root < edges.size(); ++root) {
    if (states[root] != State::unseen) continue;
    path.push_back({root, 0});
    states[root] = State::open;
    while (!path.empty()) {
      auto& [at, next] = path.back();
      if (next == edges[at].size()) {
        states[at] = State::done;
        path.pop_back();
        continue;
      }
      const std::size_t target = edges[at][next++];
      if (states[target] == State::open) {
        std::vector<std::size_t> cycle;
        const auto begin = std::find_if(path.begin(), path.end(), [&](const auto& step) { return step.first == target; });
        for (auto step = begin; step != path.end(); ++step) cycle.push_back(step->first);
        cycle.push_back(target);
        return cycle;
      }
      if (states[target] == State::unseen) {
        states[target] = State::open;
        path.push_back({target, 0});
      }
    }
  }
  return {};
}

std::vector<bool> reached_from_spouts(const Topology& topology, const Edges& edges) {
  std::vector<bool> reached(edges.size(), false);
  std::vector<std::size_t> work;
  const auto reach = [&](std::size_t i) {
    if (reached[i]) return;
    reached[i] = true;
    work.push_back(i);
  };
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const auto& inputs = topology.components[i].inputs;
    if (topology.components[i].is_spout ||
        std::any_of(inputs.begin(), inputs.end(), [](const Input& input) { return input.component == "__system"; }))
      reach(i);
  }
  while (!work.empty()) {
    const std::size_t at = work.back();
    work.pop_back();
    for (const std::size_t target : edges[at]) reach(target);
  }
  return reached;
}

}  // namespace

void check_cycles(const Topology& topology, Findings& findings) {
  const Edges edges = edges_of(topology);
  if (const std::vector<std::size_t> cycle = find_cycle(edges); !cycle.empty()) {
    std::string path;
    for (std::size_t i = 0; i < cycle.size() && i < kLongestPath; ++i)
      path += (i > 0 ? " -> " : "") + topology.components[cycle[i]].id;
    if (cycle.size() > kLongestPath) path += " -> …";
    findings.warning("SP1214", topology.components[cycle.front()].where, fmt::format("the topology has a cycle: {}", path))
        .notes.push_back("cycles are allowed; a tuple that never leaves one never completes its tree");
  }
  const std::vector<bool> reached = reached_from_spouts(topology, edges);
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const Component& component = topology.components[i];
    if (!component.is_spout && !component.inputs.empty() && !reached[i])
      findings.warning("SP1215", component.where, fmt::format("no spout leads to bolt \"{}\"", component.id));
    if (component.is_spout && edges[i].empty())
      findings.warning("SP1215", component.where, fmt::format("nobody subscribes to spout \"{}\"", component.id));
  }
}

}  // namespace sparse::topology
