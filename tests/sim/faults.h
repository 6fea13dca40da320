// What goes wrong in a world, and when: workers that die and come again, networks that lose, cuts, drains; and tasks that move.
#pragma once

#include <optional>
#include <vector>

#include "tests/sim/cluster.h"

namespace sparse::sim {

worker::NetworkFaults draw_network(Random& random);

class Faults {
 public:
  Faults(Random& random, const Workload& work, Nanoseconds start);

  /// Does what is due.
  void apply(Cluster& cluster, Invariants& invariants, Nanoseconds now);
  std::optional<Nanoseconds> next() const;
  bool over() const { return events_.empty(); }

 private:
  enum class Kind { kill, revive, cut, heal, drain, move };
  struct Event {
    Nanoseconds at;
    Kind kind;
    std::uint16_t worker = 0, other = 0;
    bool told = false;
    Nanoseconds lasts = 0;
    TaskId task = 0;
    std::uint16_t loop = 0;
  };
  void add(Event event);

  std::vector<Event> events_;  ///< by time
};

}  // namespace sparse::sim
