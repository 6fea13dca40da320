#include "tests/sim/workload.h"

#include <algorithm>

#include "tests/support/topology_builder.h"

namespace sparse::sim {
namespace {

using topology::GroupingKind;
using Builder = test::TopologyBuilder;
const std::vector<std::string> kFields = {"serial", "key", "pad"};

class Drawing {
 public:
  explicit Drawing(Random& random) : random_(random) {}

  Workload draw() {
    const std::uint64_t spouts = 1 + below(4) / 3, bolts = 1 + below(4);
    for (std::uint64_t i = 0; i < spouts; ++i) draw_spout("s" + std::to_string(i));
    for (std::uint64_t i = 0; i < bolts; ++i) draw_bolt("b" + std::to_string(i));
    if (chance(1, 4)) draw_cycle();
    work_.acking = !chance(1, 12);
    if (!work_.acking) builder_.config("topology.acker.executors", 0);
    work_.timeout = static_cast<Nanoseconds>(2 + below(4)) * kSecond;
    builder_.config("topology.message.timeout.secs", work_.timeout / kSecond);
    if (chance(1, 2)) builder_.config("topology.max.spout.pending", static_cast<std::int64_t>(1 + below(chance(1, 3) ? 4 : 60)));
    work_.fusion = !chance(1, 6);
    work_.drains = chance(1, 8);
    work_.topology = builder_.topology;
    const auto workers = static_cast<std::uint16_t>(chance(1, 5) ? 1 : 2 + below(2));
    work_.placement = worker::place(work_.topology, workers, static_cast<std::uint16_t>(1 + below(3)));
    if (workers == 1) worker::add_reserve(work_.placement);
    if (chance(1, 4)) scatter();
    return work_;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool chance(std::uint64_t part, std::uint64_t whole) { return random_.chance(part, whole); }
  std::uint32_t per_mille(std::uint64_t part, std::uint64_t whole, std::uint64_t most) {
    return chance(part, whole) ? static_cast<std::uint32_t>(1 + below(most)) : 0;
  }

  void add_streams() {
    if (chance(1, 4)) builder_.last().outputs.push_back({"side", kFields, false, {}});
    if (chance(1, 8)) builder_.last().outputs.push_back({"direct", kFields, true, {}});
  }

  void draw_spout(const std::string& id) {
    builder_.spout(id, kFields, static_cast<std::uint32_t>(1 + below(3)));
    add_streams();
    work_.spouts.push_back({.lines = 10 + below(chance(1, 4) ? 120 : 40),
                            .burst = static_cast<std::uint32_t>(1 + below(3)),
                            .untracked = per_mille(1, 6, 300),
                            .idles = per_mille(1, 3, 300),
                            .eager = chance(1, 2),
                            .timers = chance(1, 3)});
  }

  topology::Input draw_input(const topology::Component& from) {
    const topology::Stream& stream = from.outputs[below(from.outputs.size())];
    topology::Input input{from.id, stream.name, {}, {}};
    static constexpr GroupingKind kinds[] = {
        GroupingKind::shuffle, GroupingKind::shuffle, GroupingKind::fields,           GroupingKind::fields,     GroupingKind::all,
        GroupingKind::global,  GroupingKind::none,    GroupingKind::local_or_shuffle, GroupingKind::partial_key};
    input.grouping.kind = stream.direct ? GroupingKind::direct : kinds[below(std::size(kinds))];
    if (input.grouping.kind == GroupingKind::fields || input.grouping.kind == GroupingKind::partial_key)
      input.grouping.fields = {"key"};
    return input;
  }

  void draw_bolt(const std::string& id) {
    std::vector<topology::Input> inputs;
    const auto& components = builder_.topology.components;
    for (std::uint64_t left = 1 + below(3) / 2; left > 0; --left) {
      // Bolts more often than spouts, so that chains become long.
      const std::size_t from = chance(1, 2) ? components.size() - 1 : below(components.size());
      topology::Input input = draw_input(components[from]);
      const auto same = [&](const topology::Input& other) {
        return other.component == input.component && other.stream == input.stream;
      };
      if (std::none_of(inputs.begin(), inputs.end(), same)) inputs.push_back(std::move(input));
    }
    BoltPlan plan{.manual = chance(1, 4), .finishes = chance(1, 4), .stalls = chance(1, 10), .holds = chance(1, 8)};
    plan.posts = chance(1, 5);
    plan.fan = static_cast<std::uint32_t>(1 + below(3));
    plan.fails = per_mille(1, 3, 30);
    plan.throws = per_mille(1, 4, 20);
    plan.forgets = per_mille(1, 4, 15);
    plan.keeps = plan.manual ? static_cast<std::uint32_t>(below(700)) : per_mille(1, 3, 200);
    plan.untracked = per_mille(1, 6, 200);
    plan.slow = chance(1, 4) ? static_cast<Nanoseconds>(1 + below(1500)) * kMicrosecond : 0;
    plan.late = static_cast<Nanoseconds>(1 + below(chance(1, 3) ? 15'000 : 100)) * kMillisecond;
    builder_.bolt(id, kFields, std::move(inputs), static_cast<std::uint32_t>(plan.stalls ? 1 : 1 + below(4)));
    builder_.last().manual_ack = plan.manual;
    builder_.last().blocking = chance(1, 10);
    if (chance(1, 5)) builder_.last().config = Value(Value::Map{{"topology.tick.tuple.freq.secs", Value(std::int64_t{1})}});
    add_streams();
    work_.bolts.push_back(plan);
  }

  /// A later bolt, or the same, sends back to an earlier one.
  void draw_cycle() {
    auto& components = builder_.topology.components;
    const std::size_t to = work_.spouts.size() + below(work_.bolts.size());
    const std::size_t from = to + below(components.size() - to);
    components[from].outputs.push_back({"again", kFields, false, {}});
    components[to].inputs.push_back({components[from].id, "again", {}, {}});
    work_.cyclic = true;
  }

  /// Tasks anywhere, so that chains cross loops and workers at every step.
  void scatter() {
    worker::Placement& placement = work_.placement;
    for (worker::Placement::Home& home : placement.homes) {
      if (home.loop >= placement.shared_loops) continue;  // its own
      home.worker = static_cast<std::uint16_t>(below(placement.workers));
      home.loop = static_cast<std::uint16_t>(below(placement.shared_loops));
    }
  }

  Random& random_;
  Builder builder_;
  Workload work_;
};

}  // namespace

std::string Workload::describe() const {
  std::string text = std::to_string(placement.workers) + " workers of " + std::to_string(placement.loops) + " loops, timeout " +
                     std::to_string(timeout / kSecond) + " s" + (acking ? "" : ", no acks") + (fusion ? "" : ", no fusion") +
                     (drains ? ", drained" : "");
  for (std::size_t i = 0; i < topology.components.size(); ++i) {
    const topology::Component& component = topology.components[i];
    text += "\n    " + component.id + " ×" + std::to_string(component.parallelism);
    if (!is_spout(i) && bolt(i).manual) text += " manual";
    if (!is_spout(i) && bolt(i).slow != 0) text += " slow";
    if (!is_spout(i) && bolt(i).stalls) text += " stalls";
    if (!is_spout(i) && bolt(i).holds) text += " holds";
    for (const topology::Input& input : component.inputs)
      text += " <- " + input.component + "/" + input.stream + " " + std::string(topology::grouping_name(input.grouping.kind));
  }
  return text;
}

Workload draw_workload(Random& random) { return Drawing(random).draw(); }

}  // namespace sparse::sim
