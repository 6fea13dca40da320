// The data plane of one process: loops that step the tasks of a topology. `sparse run`, the test kit and the simulator all
// step tasks through this.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/log/log.h"
#include "core/metrics/histogram.h"
#include "core/topology/topology.h"
#include "worker/components/component.h"
#include "worker/execution/waits.h"

namespace sparse::worker {

class Transport;

/// Where each task lives. Task numbers start at 1 and follow the order of the components.
struct Placement {
  struct Home {
    std::uint16_t worker = 0;
    std::uint16_t loop = 0;
  };
  std::uint16_t workers = 1;
  std::uint16_t loops = 1;          ///< per worker
  std::uint16_t shared_loops = 1;   ///< the first of them; each of the next is one blocking task's own
  std::uint16_t reserve_loops = 0;  ///< the last of them: without a task, until one is seen to block
  std::vector<Home> homes;          ///< by task number; [0] is unused

  std::uint16_t first_reserve() const { return static_cast<std::uint16_t>(loops - reserve_loops); }
};

/// More blocking tasks than this in one worker share loops.
inline constexpr std::uint16_t kBlockingLoopsMax = 64;

/// Task i of every component on loop i mod N, spread over the workers in the same way: chains fuse. Tasks of `blocking`
/// components have loops of their own behind these, so that their waiting stops nobody else.
Placement place(const topology::Topology& topology, std::uint16_t workers, std::uint16_t loops);

/// More tasks than this that turn out to block share loops.
inline constexpr std::uint16_t kReserveLoops = 8;
/// Adds loops to which a worker that is alone moves tasks that block, though their file does not say so.
void add_reserve(Placement& placement);

struct WorkerOptions {
  Clock* clock = nullptr;
  Log* log = nullptr;
  ComponentFactory* factory = nullptr;
  std::uint64_t seed = 1;
  Placement placement;
  std::uint16_t index = 0;         ///< which worker of the placement this is
  std::uint32_t attempt = 1;       ///< start counter: rises with each life of this worker
  Transport* transport = nullptr;  ///< only with more than one worker
  bool fusion = true;              ///< `topology.fusion`
};

/// Counters are exact. Times are nanoseconds.
struct TaskStats {
  TaskId task = 0;
  std::uint32_t component = 0;    ///< index into Topology::components
  std::uint64_t emitted = 0;      ///< emits
  std::uint64_t transferred = 0;  ///< tuples sent: emits × target tasks
  std::uint64_t executed = 0;     ///< bolts: inputs
  std::uint64_t acked = 0;        ///< bolts: inputs; spouts: trees
  std::uint64_t failed = 0;       ///< bolts: inputs; spouts: trees, timeouts included
  std::uint64_t timed_out = 0;    ///< spouts: trees
  std::uint64_t failed_for_good = 0;
  std::uint64_t pending = 0;  ///< spouts: open trees
  std::uint64_t queue = 0;    ///< tuples in the inbox
  std::uint64_t queue_bytes = 0;
  std::uint64_t crossed = 0;  ///< tuples sent to another loop or worker
  std::uint64_t errors = 0;   ///< misuse: undeclared stream, second ack, wrong number of values
  std::uint16_t loop = 0;     ///< where it lives
  std::uint64_t moves = 0;    ///< from loop to loop
  double load = 0;            ///< its own work when loads were measured last, as a share of a core; 0 while no loop is busy
  Nanoseconds busy = 0;       ///< estimated time inside execute or next
  bool ended = false;
  std::vector<EdgeWaits> waits;  ///< by where the tuples came from
  Histogram execute;             ///< sampled, weighted to the whole
  Histogram complete;            ///< spouts: time from emit to ack, every tree
};

struct WorkerStats {
  Nanoseconds at = 0;
  std::vector<TaskStats> tasks;    ///< by task number; only this worker's
  std::uint64_t pooled_bytes = 0;  ///< memory in batches, used and free
  std::uint64_t frames_lost = 0, frames_refused = 0;
};

/// Thread rules: `create`, `start`, `step` and the destructor from one thread; the rest from any.
class Worker {
 public:
  static Result<std::unique_ptr<Worker>> create(const topology::Topology& topology, WorkerOptions options);
  virtual ~Worker() = default;

  /// Runs the loops on threads of their own …
  virtual void start() = 0;
  /// … or here, one round each. False if nothing was done: time has to pass.
  virtual bool step() = 0;
  /// Manual mode: when something is due by itself, or nothing (timers, timeouts, idle spouts).
  virtual std::optional<Nanoseconds> next_deadline() const = 0;

  /// Spouts stop emitting; what is under way is finished, then the worker is done.
  virtual void drain() = 0;
  /// Done as soon as each loop has finished its step. Open trees get no verdict.
  virtual void stop() = 0;
  /// Every task has ended, or `stop` was called, or a component gave up.
  virtual bool done() const = 0;
  /// Waits until done, at most this long; true if done.
  virtual bool wait(Nanoseconds at_most) = 0;
  /// Somebody who knows says that another worker of the topology is gone: trees that reached it fail at once. Manual mode.
  virtual void peer_lost(std::uint16_t worker) = 0;
  /// Moves a task to another loop, with all that waits for it; the worker is the only one of its topology. False if the loops did
  /// not stop for it in time. On threads a worker does this by itself, as its loads want it (loop_plan.h).
  virtual bool move_task(TaskId task, std::uint16_t loop) = 0;
  /// Once it is done and nothing is under way: what is not back where it belongs (tuples, trees, credit, batches). Manual mode.
  virtual std::vector<std::string> leftovers() = 0;
  /// Why the run failed as a whole, if it did.
  virtual std::optional<Error> failure() const = 0;
  /// At most 100 ms old while running, exact once done.
  virtual WorkerStats stats() const = 0;
};

}  // namespace sparse::worker
