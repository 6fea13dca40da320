// What runs in a world, drawn from its seed: a topology, where its tasks live, and how its components behave.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "worker/worker.h"

namespace sparse::sim {

struct SpoutPlan {
  std::size_t lines = 0;        ///< of each task
  std::uint32_t burst = 1;      ///< emits of one `next`, at most
  std::uint32_t untracked = 0;  ///< per mille of its emits
  std::uint32_t idles = 0;      ///< per mille of its calls, with lines left
  bool eager = false;           ///< says that it is exhausted while trees are open
  bool timers = false;          ///< emits again from a timer
};

/// Chances are per mille of the inputs.
struct BoltPlan {
  bool manual = false;    ///< acks by itself
  bool finishes = false;  ///< emits in `finish`
  bool stalls = false;    ///< is paused from the start, for a while
  bool holds = false;     ///< holds channels now and then
  bool posts = false;     ///< posts to itself
  std::uint32_t fan = 1;  ///< children of one input, at most
  std::uint32_t fails = 0, throws = 0, forgets = 0, keeps = 0;
  std::uint32_t untracked = 0;  ///< per mille of its emits
  Nanoseconds slow = 0;         ///< what one input takes, at most
  Nanoseconds late = 0;         ///< how long a copy waits for its verdict, at most
};

struct Workload {
  topology::Topology topology;
  worker::Placement placement;
  std::vector<SpoutPlan> spouts;  ///< by component
  std::vector<BoltPlan> bolts;    ///< likewise, after the spouts
  Nanoseconds timeout = 0;
  bool acking = true;
  bool cyclic = false;
  bool fusion = true;
  bool drains = false;  ///< at some time its spouts are stopped

  bool is_spout(std::size_t component) const { return component < spouts.size(); }
  const BoltPlan& bolt(std::size_t component) const { return bolts[component - spouts.size()]; }
  std::string describe() const;
};

Workload draw_workload(Random& random);

}  // namespace sparse::sim
