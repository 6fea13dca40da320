// Emits of the components of a world: one tuple each, announced to the accounts before it is sent.
#pragma once

#include "tests/sim/components.h"

namespace sparse::sim {

class Emitting {
 public:
  Emitting(Setting of_world, std::size_t number, std::uint64_t seed) : setting(of_world), component(number), random(seed) {}

 protected:
  bool chance_of(std::uint32_t per_mille) { return per_mille != 0 && random.chance(per_mille, 1000); }
  Invariants& accounts() { return setting.invariants; }
  const topology::Component& spec() const { return setting.work.topology.components[component]; }
  bool has_outputs() const { return !spec().outputs.empty(); }

  /// One of the component's streams; not the one of the cycle if the tuple has gone round often enough.
  const topology::Stream* draw_stream(std::uint32_t hops) {
    const topology::Stream& stream = spec().outputs[random.below(spec().outputs.size())];
    return stream.name == "again" && (hops >= 3 || random.chance(1, 2)) ? nullptr : &stream;
  }
  /// For a direct stream: one of the tasks of a subscriber; none: nobody subscribes.
  TaskId draw_task(std::string_view stream) {
    TaskId first = 1;
    for (const topology::Component& other : setting.work.topology.components) {
      for (const topology::Input& input : other.inputs)
        if (input.component == spec().id && input.stream == stream)
          return first + static_cast<TaskId>(random.below(other.parallelism));
      first += other.parallelism;
    }
    return kNoTask;
  }

  /// `how` says the rest; stream and task are filled in.
  void emit(Output& out, const topology::Stream& stream, Roots roots, std::uint32_t hops, Emit how) {
    if (stream.direct && (how.task = draw_task(stream.name)) == kNoTask) return;
    const bool plain = stream.name == "default" && how.anchored && how.anchors.empty() && !how.targets;
    const std::uint64_t serial =
        accounts().emits(component, stream.name, std::move(roots), hops + (stream.name == "again"), how.task);
    const auto number = static_cast<std::int64_t>(serial);
    const std::string key = Invariants::key_of(serial), pad = Invariants::pad_of(serial);
    how.stream = stream.name;
    if (!plain)
      out.emit(how, number, key, pad);
    else if (how.id)
      out.emit(*how.id, number, key, pad);
    else
      out.emit(number, key, pad);
  }

  Setting setting;
  std::size_t component;
  Random random;
};

}  // namespace sparse::sim
