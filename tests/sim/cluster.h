// The workers of a world, in one thread, over a network with faults: each one steps only when it says that it has something to
// do, so that a deadline it forgets is a deadline it misses.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/components.h"
#include "tests/support/topology_builder.h"
#include "worker/transport/loopback.h"

namespace sparse::sim {

class Cluster {
 public:
  Cluster(Setting setting, std::uint64_t seed, worker::NetworkFaults faults);

  std::uint16_t size() const { return static_cast<std::uint16_t>(workers_.size()); }
  bool is_alive(std::uint16_t worker) const { return workers_[worker].worker != nullptr; }
  void start(std::uint16_t worker);
  /// `told`: the others hear of it from somebody who knows; else from its next life.
  void kill(std::uint16_t worker, bool told);
  void cut(std::uint16_t one, std::uint16_t other, bool is_cut) { network_.cut(one, other, is_cut); }
  void drain();
  void move(TaskId task, std::uint16_t loop);

  /// A round of each worker that has something to do. False: time has to pass.
  bool step();
  std::optional<Nanoseconds> next_due() const;
  /// All are alive and done.
  bool done() const;
  std::string unended() const;  ///< names the tasks that have not ended, with what waits for them
  std::vector<std::string> leftovers();
  std::vector<worker::TaskStats> stats() const;
  std::uint64_t dropped() const { return network_.dropped(); }

 private:
  struct Member {
    int life = 0;
    bool restless = false;  ///< its last round did something
    int vain = 0;           ///< rounds that were due and did nothing, one after the other
    std::unique_ptr<worker::Transport> transport;
    std::unique_ptr<LifeFactory> factory;
    std::unique_ptr<worker::Worker> worker;
  };
  bool is_due(std::uint16_t worker) const;

  Setting setting_;
  Random random_;
  test::MemoryLog log_;
  worker::LoopbackNetwork network_;
  std::vector<Member> workers_;
  bool draining_ = false;
};

}  // namespace sparse::sim
