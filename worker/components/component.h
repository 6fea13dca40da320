// What runs inside a task, as the engine sees it: SDK components, and external ones that serve file descriptors.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <sparse/sdk.h>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/topology/topology.h"
#include "worker/components/input_share.h"

namespace sparse::worker {

/// What sparse's own components may ask of their task's loop, beyond the SDK. Lives on the loop's thread, as long as the task.
class TaskHost {
 public:
  virtual ~TaskHost() = default;
  virtual Random& random() = 0;
  /// Calls External::ready when `fd` has one of `events` (EPOLLIN, EPOLLOUT; level-triggered; errors and hang-ups always).
  /// A second call for the same fd replaces the events.
  virtual void watch(int fd, std::uint32_t events) = 0;
  /// Before the fd is closed.
  virtual void unwatch(int fd) = 0;
  /// While paused, the task is given no tuples and `next` is not called: its inbox fills, and back-pressure walks upstream.
  virtual void pause(bool paused) = 0;
  /// Spouts: call `next` in this round, whatever it said before.
  virtual void wake() = 0;
  /// Replay helpers: a message is failed for good. Counts it, and gives values and reason to the dead-letter component, or logs.
  virtual void failed_for_good(Output& out, MessageId id, const Cell* cells, std::uint32_t count, std::string_view reason) = 0;
  /// The task ids that an emit on `stream` will go to, if every grouping of the stream lets the sender choose before it knows
  /// the values (one task, all, global, shuffle): then the next emit on this stream goes exactly there; several calls choose for
  /// as many emits, in order. Empty if not, or if nobody subscribes.
  virtual std::vector<TaskId> choose_ahead(std::string_view stream) = 0;
  /// The whole topology with its task numbers: what multi-lang children get as their context.
  virtual const topology::Topology& topology() const = 0;
  virtual const topology::Component& component() const = 0;
  virtual std::string_view component_of(TaskId task) const = 0;
  virtual TaskId task_count() const = 0;
  /// Bolts: while held, the task does not end, whatever its inputs say. Held in `finish`, what the component emits until it lets
  /// go is delivered. (Retained tuples hold by themselves.)
  virtual void hold_end(bool held) = 0;
  /// One of the inputs from `source`, now and then: how long it was in other hands, until its verdict.
  virtual void answered(TaskId source, Nanoseconds took) = 0;
  /// Ends the run as failed, with this reason.
  virtual void give_up(std::string reason) = 0;

  // Bolts with manual acks whose inputs are in other hands: like `Tuple::retain`, `Emit::anchors`, `Retained::ack` and `fail`,
  // but without a copy of the values.
  /// Inside `execute`, once for its input: the verdict is given later, by `settle`, or in time by the message timeout.
  virtual InputShare take(const Tuple& input) = 0;
  /// Once for each share, outside of `execute`.
  virtual void settle(InputShare& share, bool failed, std::string_view reason) = 0;
  /// Emits, outside of `execute`, anchored to these shares alone; `how` has no anchors. If what is called directly fails the
  /// trees, all of them are settled, and the answer is false.
  virtual bool emit(Output& out, std::span<InputShare* const> anchors, const Emit& how, const Cell* cells,
                    std::uint32_t count) = 0;
  /// The same for many tuples on the default stream: `rows` times its `fields` values.
  virtual bool emit_rows(Output& out, InputShare& anchor, const Cell* cells, std::uint32_t fields, std::uint32_t rows) = 0;
};

/// The second face of a component that serves file descriptors. Calls come between the SDK's calls, never nested in them.
class External {
 public:
  virtual ~External() = default;
  /// Before `open`.
  virtual void attach(TaskHost& host) = 0;
  /// `events` as epoll reports them. May emit.
  virtual void ready(int fd, std::uint32_t events, Output& out) = 0;
};

class ExternalBolt : public Bolt, public External {};
class ExternalSpout : public Spout, public External {};

/// One instance for one task: exactly one of `bolt` and `spout`.
struct MadeComponent {
  std::unique_ptr<Bolt> bolt = nullptr;
  std::unique_ptr<Spout> spout = nullptr;
  External* external = nullptr;  ///< the same object as bolt or spout, if it has the second face
};

/// Makes components. Thread-compatible: used while a worker is built.
class ComponentFactory {
 public:
  virtual ~ComponentFactory() = default;
  /// What the class says of itself. Loads plugins; asks Python classes. For commands and built-ins with outputs given in the
  /// file: empty.
  virtual Result<ComponentSpec> describe(const topology::Component& component) = 0;
  virtual Result<MadeComponent> make(const topology::Topology& topology, const topology::Component& component) = 0;
  virtual Result<std::unique_ptr<Grouping>> make_grouping(const topology::Implementation& implementation) = 0;
  /// What tasks tell beyond the engine's counters: maps, by component. Any thread.
  virtual std::map<std::string, std::vector<Value>> figures() const { return {}; }
};

}  // namespace sparse::worker
