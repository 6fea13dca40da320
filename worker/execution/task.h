// A task: one instance of a component, and all that its loop keeps for it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/metrics/histogram.h"
#include "worker/acking/ack_ledger.h"
#include "worker/components/component.h"
#include "worker/execution/credit.h"
#include "worker/execution/current.h"
#include "worker/execution/inbox.h"
#include "worker/execution/plan.h"
#include "worker/execution/waits.h"
#include "worker/routing/router.h"

namespace sparse::worker {

class Loop;
class TaskContext;
class LoopTaskHost;
struct Task;

/// Bits of Hot::gate. A direct call happens only if all are 0; a queued tuple is executed if at most the ones that
/// kRunsQueued names are set.
inline constexpr std::uint32_t kBusy = detail::kBusy;  ///< on the stack
inline constexpr std::uint32_t kQueued = 2;            ///< its inbox is not empty
inline constexpr std::uint32_t kHeld = 4;              ///< one of its channels is held
inline constexpr std::uint32_t kQueueOnly = 8;         ///< never called directly: manual acks, or fusion is off
inline constexpr std::uint32_t kPaused = 16;           ///< by the component itself, or not open
inline constexpr std::uint32_t kBlocked = 32;          ///< and above: the number of its targets that are out of credit
inline constexpr std::uint32_t kRunsQueued = kQueued | kHeld | kQueueOnly;

/// One task that an edge leads to. By value: an emitter never touches the object of a task on another loop, whose cache lines are
/// in use there.
struct Target {
  Task* task = nullptr;  ///< only if it lives on the same loop
  TaskId id = 0;
  std::uint32_t link = 0;  ///< the loop's link that leads to it
  bool closes_cycle = false;
  std::uint64_t tuples = 0;  ///< sent to it, without the direct calls, which Output counts
  std::uint64_t queued = 0;  ///< of them: copied to its inbox or for its loop, all others were called
};

struct Edge {
  Router router;
  std::vector<Target> targets;
};

struct OutStream {
  const PlanStream* plan = nullptr;
  std::uint8_t number = 0;
  std::vector<Edge> edges;
  std::uint64_t emitted = 0;  ///< without the direct calls, which Output counts
};

/// A verdict that waits until no component is on the stack.
struct PendingFailure {
  MessageId id;
  bool timed_out = false;
  std::string reason;
};

/// The input of a component that acks by itself, while it is in `execute`.
struct ManualInput {
  enum class State { none, acked, failed, retained };
  const Cell* cells = nullptr;
  State state = State::none;
  std::string reason;
};

/// What came on a channel while it is held. Its source is blocked when there is a window of it: alone, for the others flow on.
struct Held {
  Inbox inbox;
  bool blocks_source = false;
};

struct TaskCounters {
  std::uint64_t executed = 0;  ///< up to the last look at the countdown
  std::uint64_t bolt_failed = 0;
  std::uint64_t unanswered = 0;  ///< inputs of a bolt that acks by itself, and did nothing with them
  std::uint64_t acked = 0, failed = 0, timed_out = 0, failed_for_good = 0;  // spouts: trees
  std::uint64_t crossed = 0;
  std::uint64_t errors = 0;
  std::uint64_t moves = 0;  ///< to another loop
  std::uint64_t idle = 0;   ///< spouts: times that it had nothing to emit
  Nanoseconds busy = 0;
  Histogram execute, complete;
};

struct alignas(128) Task final : Output {
  static Task& of(Output& output) { return static_cast<Task&>(output); }
  static const Task& of(const Output& output) { return static_cast<const Task&>(output); }

  Task(Loop& loop, TaskId id, const Plan& plan);
  ~Task();

  // Set once.
  detail::Hot hot;
  TaskId id;
  std::uint32_t component;  ///< index
  std::uint32_t index;      ///< among the component's tasks
  const Plan& plan;
  MadeComponent made;
  bool manual_ack = false;
  std::vector<OutStream> streams;
  OutStream* default_out = nullptr;
  Target* only = nullptr;  ///< of the default stream: its one target, if nothing has to be chosen
  std::unique_ptr<TaskContext> context;
  std::unique_ptr<LoopTaskHost> host;

  // What comes in.
  Inbox inbox;
  bool listed = false;      ///< in the loop's list of tasks with work
  bool inbox_full = false;  ///< those that emit to it from its own loop are blocked
  Waits waits;
  Window window;
  std::uint32_t idle_epoch = 0;
  std::vector<std::unique_ptr<CreditLine>> lines;  ///< by producing loop, through all workers; null where nothing comes from
  std::map<TaskId, Held> held;                     ///< by source: what came on channels that are held
  std::vector<bool> ended_sources;                 ///< by task id; empty until the first has ended
  std::uint32_t ended_channels = 0;
  std::uint32_t channels = 0;  ///< sources whose `end` is awaited
  bool end_held = false;       ///< by the component itself
  Nanoseconds end_by = 0;  ///< all inputs have ended: copies without a verdict are waited for until then, a held end is told of

  // Calls.
  std::uint32_t countdown_from = 1;  ///< what Hot::countdown started at
  std::uint64_t failing = ~0ull;     ///< the execute that has failed already, by its number
  ManualInput* manual = nullptr;
  std::uint64_t retained = 0;  ///< copies without a verdict
  enum class Phase : std::uint8_t { opening, running, finishing, ended, closed } phase = Phase::opening;

  // Spouts.
  AckLedger ledger;
  std::uint64_t max_pending = 0;
  bool exhausted = false;
  bool draining = false;
  Nanoseconds wake_at = 0;
  std::int64_t idle_ms = 1;
  std::vector<MessageId> acked_now;  ///< verdicts that wait
  std::vector<PendingFailure> failed_now;
  bool has_verdicts = false;

  TaskCounters counters;
  Nanoseconds misuse_since = 0;
  std::uint32_t misuse_logged = 0;

  /// Where it lives. Any thread may ask; it is changed while all loops stand still, and those who post look twice.
  Loop& loop() const { return *home_.load(std::memory_order_acquire); }
  void set_loop(Loop& loop) { home_.store(&loop, std::memory_order_release); }

  const topology::Component& spec() const { return plan.topology.components[component]; }
  const PlanComponent& planned() const { return plan.components[component]; }
  bool is_spout() const { return made.spout != nullptr; }
  OutStream* stream(std::string_view name) {
    for (OutStream& stream : streams)
      if (stream.plan->name == name) return &stream;
    return nullptr;
  }
  std::uint64_t executed() const { return counters.executed + (countdown_from - hot.countdown); }
  bool runs_queued() const { return (hot.gate & ~kRunsQueued) == 0; }

  /// Chooses the only target of the default stream for direct calls out of the plugin, if there is one.
  void set_direct(const std::uintptr_t* floor, detail::Hot* closed);
  std::uint64_t direct_calls() const { return direct_calls_; }
  std::uint64_t unheard() const { return unheard_; }

 private:
  std::atomic<Loop*> home_;
};

}  // namespace sparse::worker
