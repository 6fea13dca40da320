// A network in memory: the twin of the real transport, with faults on demand.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "worker/transport/transport.h"

namespace sparse::worker {

/// Faults of each frame, drawn from a seed.
struct NetworkFaults {
  Nanoseconds delay_max = 0;
  std::uint32_t dropped_per_mille = 0;
  std::uint32_t doubled_per_mille = 0;
};

/// Connects the transports that it makes, one for each worker. Frames with different delays overtake each other.
/// Thread-compatible.
class LoopbackNetwork {
 public:
  LoopbackNetwork(const Clock& clock, std::uint64_t seed, NetworkFaults faults) : clock_(clock), random_(seed), faults_(faults) {}

  /// The transport of a worker. A second one for the same worker takes its place: what is under way arrives there.
  std::unique_ptr<Transport> make(std::uint16_t worker);
  /// Its process is dead: what comes waits for its next life.
  void leave(std::uint16_t worker) { present_.erase(worker); }
  /// Loses everything between two workers, both ways, or no longer.
  void cut(std::uint16_t one, std::uint16_t other, bool is_cut);
  /// When the next frame arrives at a worker that is there; none: nothing is under way.
  std::optional<Nanoseconds> next_arrival() const;
  std::optional<Nanoseconds> next_arrival(std::uint16_t worker) const;
  std::uint64_t dropped() const { return dropped_; }

 private:
  class End;
  void send(std::uint16_t from, std::uint16_t to, FrameBytes frame);
  std::optional<FrameBytes> receive(std::uint16_t worker);

  const Clock& clock_;
  Random random_;
  NetworkFaults faults_;
  std::map<std::uint16_t, std::multimap<Nanoseconds, FrameBytes>> under_way_;
  std::set<std::pair<std::uint16_t, std::uint16_t>> cut_;
  std::set<std::uint16_t> present_;
  std::uint64_t dropped_ = 0;
};

}  // namespace sparse::worker
