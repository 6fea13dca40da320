#include "worker/execution/emit.h"

#include <cstddef>
#include <exception>
#include <memory_resource>

#include "core/base/exception_text.h"
#include "worker/execution/loop.h"
#include "worker/execution/retained.h"

namespace sparse::worker {
namespace {

/// One emit on its way to all its targets.
struct Emission {
  Loop& loop;
  Task& task;
  OutStream& stream;
  const Cell* cells;
  std::uint32_t count;
  std::vector<TaskId>* targets;
};

std::string of_component(const Task& task) { return "component \"" + task.spec().id + "\" "; }

/// A wrong call: counted, logged, and it fails what is current, since a tuple is not delivered.
void refuse(Task& task, const std::string& text) {
  task.loop().misuse(task, text);
  if (task.is_spout()) {
    if (task.loop().current) task.loop().current->failed = true;
    task.loop().reason = text;
  } else {
    fail_input(task, text);
  }
}

/// Copies the tuple into the target's inbox, or into the batch for its loop.
__attribute__((noinline)) void queue(Emission& emission, Target& target) {
  Loop& loop = emission.loop;
  const std::uint32_t anchors = loop.current ? loop.current->count : 0;
  const std::size_t size = anchors > 0xffff ? 0 : record_size(emission.cells, emission.count, anchors);
  if (size == 0)
    return refuse(emission.task,
                  of_component(emission.task) + (anchors > 0xffff
                                                     ? "anchored a tuple to more than 65,535 trees"
                                                     : "emitted a tuple of more than 64 MiB, or nested deeper than 128 levels"));
  // A task that has credit for all its targets goes on: the others are no reason to fail its tuples.
  if (emission.task.hot.gate >= kBlocked && loop.pool.worker_bytes() > kOvershootBytes)
    return refuse(emission.task,
                  of_component(emission.task) + "emitted more from one input than may wait: 256 MiB of tuples in this worker");
  if (target.closes_cycle && loop.cycle_is_full(target))
    return refuse(emission.task, of_component(emission.task) + "emitted into a cycle on which 64 MiB of tuples wait already");
  const RecordHead head{.source = emission.task.id,
                        .fields = emission.count,
                        .target = target.id,
                        .anchors = anchors,
                        .stream = emission.stream.number,
                        .reserved = target.closes_cycle ? 1u : 0u};
  ++target.queued;
  if (target.task) return loop.queue_here(*target.task, head, emission.cells, size);
  ++emission.task.counters.crossed;
  loop.send(target, head, emission.cells, size);
}

inline bool may_call(const Loop& loop, const Task& to) {
  return to.hot.gate == 0 && reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) > loop.stack_floor;
}

inline void deliver(Emission& emission, Target& target) {
  ++target.tuples;
  if (emission.targets) emission.targets->push_back(target.id);
  if (target.task && may_call(emission.loop, *target.task))
    call_bolt(emission.loop, *target.task,
              Tuple(emission.cells, emission.count, emission.task.id, emission.stream.number, target.task));
  else
    queue(emission, target);
}

void route_direct(Emission& emission, TaskId to) {
  bool found = emission.stream.edges.empty();  // what nobody subscribes to is no mistake
  for (Edge& edge : emission.stream.edges)
    if (edge.router.is_direct())
      for (Target& target : edge.targets)
        if (target.id == to) {
          found = true;
          deliver(emission, target);
        }
  if (!found)
    refuse(emission.task, of_component(emission.task) + "emitted directly to task " + std::to_string(to) + " on stream \"" +
                              emission.stream.plan->name + "\", which no direct input of that task reads");
}

void route(Emission& emission, TaskId direct) {
  if (direct != kNoTask) return route_direct(emission, direct);
  if (emission.task.only && &emission.stream == emission.task.default_out) return deliver(emission, *emission.task.only);
  const Tuple shown(emission.cells, emission.count, emission.task.id, emission.stream.number, &emission.task);
  for (Edge& edge : emission.stream.edges) {
    try {
      edge.router.choose(shown, [&](std::uint32_t index) { deliver(emission, edge.targets[index]); });
    } catch (...) {
      refuse(emission.task, of_component(emission.task) + "emitted on stream \"" + emission.stream.plan->name +
                                "\": " + current_exception_text());
    }
  }
}

__attribute__((noinline, cold)) void refuse_wrong(Task& task, const OutStream* stream, const Emit* how, std::uint32_t count) {
  const auto name = how ? how->stream : std::string_view("default");
  if (!stream) {
    std::string declared;
    for (const OutStream& other : task.streams) declared += (declared.empty() ? "" : ", ") + other.plan->name;
    refuse(task, of_component(task) + "emitted to stream \"" + std::string(name) + "\", which it does not declare" +
                     (declared.empty() ? std::string(": it declares none; add `outputs:`") : "; declared: " + declared));
  } else if (count != stream->plan->fields.size()) {
    refuse(task, of_component(task) + "emitted " + std::to_string(count) + " values on stream \"" + stream->plan->name +
                     "\", which has " + std::to_string(stream->plan->fields.size()) + " fields");
  } else {
    const bool direct = how && how->task != kNoTask;
    refuse(task, of_component(task) +
                     (direct ? "emitted directly to a task on stream \"" : "emitted without naming a task on stream \"") +
                     stream->plan->name + "\", which is " + (direct ? "not declared direct" : "a direct stream"));
  }
}

/// False if the emit is wrong; it has been refused then.
inline bool check(Task& task, const OutStream* stream, const Emit* how, std::uint32_t count) {
  const bool direct = how && how->task != kNoTask;
  if (stream && count == stream->plan->fields.size() && direct == stream->plan->direct) return true;
  refuse_wrong(task, stream, how, count);
  return false;
}

void emit_spout(Emission& emission, const MessageId* id, TaskId direct) {
  Loop& loop = emission.loop;
  Task& task = emission.task;
  if (!id || !task.plan.acking) {
    loop.current = nullptr;
    route(emission, direct);
    // Without ackers an id is acked as soon as it is emitted, as in Storm.
    if (id) task.acked_now.push_back(*id);
    return;
  }
  Tree tree;
  Tree* trees[1] = {&tree};
  Current current{trees, 1, &task, *id};
  loop.current = &current;
  route(emission, direct);
  loop.current = nullptr;
  if (tree.root == 0) {  // it never left the stack: no slot, no message
    if (current.failed)
      task.failed_now.push_back({*id, false, loop.reason});
    else
      task.acked_now.push_back(*id);
    return;
  }
  loop.settle(tree, current.failed, loop.reason);
}

/// To copies kept earlier, with or without the input. Apart, so that the frame of a plain emit stays small.
__attribute__((noinline)) void emit_anchored_by_hand(Emission& emission, const Emit* how) {
  Loop& loop = emission.loop;
  Current* const before = loop.current;
  // Few trees need no memory: a child's every emit comes by here.
  std::byte room[32 * sizeof(Tree*)];
  std::pmr::monotonic_buffer_resource memory(room, sizeof room);
  std::pmr::vector<Tree*> trees(&memory);
  if (how->anchored && before) trees.assign(before->trees, before->trees + before->count);
  for (const Retained* kept : how->anchors) {
    if (!kept || !*kept) continue;
    auto& record = static_cast<RetainedRecord&>(*kept->get());
    if (record.has_verdict())
      return refuse(emission.task, of_component(emission.task) + "anchored to a tuple that has its verdict already");
    for (Tree& tree : record.trees()) trees.push_back(&tree);
  }
  Current current{trees.data(), static_cast<std::uint32_t>(trees.size()), before && how->anchored ? before->spout : nullptr,
                  before && how->anchored ? before->id : MessageId{}};
  const std::string first_reason = before && before->failed ? loop.reason : std::string();
  loop.current = trees.empty() ? nullptr : &current;
  route(emission, how->task);
  loop.current = before;
  if (!current.failed) return;
  for (const Retained* kept : how->anchors)
    if (kept && *kept) static_cast<RetainedRecord*>(kept->get())->fail(loop.reason);
  if (before && before->failed)
    loop.reason = first_reason;
  else if (before && how->anchored)
    before->failed = true;
}

inline void emit_bolt(Emission& emission, const Emit* how) {
  if (!how || (how->anchored && how->anchors.empty())) return route(emission, how ? how->task : kNoTask);
  emit_anchored_by_hand(emission, how);
}

/// Runs `emit` with these trees for what it is anchored to. False: they have failed by it.
template <class F>
bool with_trees(Loop& loop, std::span<Tree* const> trees, F&& emit) {
  Current here{trees.data(), static_cast<std::uint32_t>(trees.size()), nullptr, {}};
  Current* const before = loop.current;
  loop.current = trees.empty() ? nullptr : &here;
  emit();
  loop.current = before;
  return !here.failed;
}

void emit(Output& output, const Emit* how, const Cell* cells, std::uint32_t count) {
  Task& task = Task::of(output);
  OutStream* stream = how ? task.stream(how->stream) : task.default_out;
  if (!check(task, stream, how, count)) {
    if (task.is_spout() && how && how->id) task.failed_now.push_back({*how->id, false, task.loop().reason});
    return;
  }
  ++stream->emitted;
  Emission emission{task.loop(), task, *stream, cells, count, how ? how->targets : nullptr};
  if (task.is_spout())
    emit_spout(emission, how && how->id ? &*how->id : nullptr, how ? how->task : kNoTask);
  else
    emit_bolt(emission, how);
}

void emit_tracked(Output& output, MessageId id, const Cell* cells, std::uint32_t count) {
  Task& task = Task::of(output);
  OutStream* stream = task.default_out;
  if (!stream || !task.is_spout() || count != stream->plan->fields.size() || stream->plan->direct) {
    const Emit how{.id = id};
    return emit(output, &how, cells, count);
  }
  ++stream->emitted;
  Emission emission{task.loop(), task, *stream, cells, count, nullptr};
  emit_spout(emission, &id, kNoTask);
}

void threw(Output& output) { fail_input(Task::of(output), current_exception_text()); }

void ack_or_fail(Output& output, const Tuple& input, bool failed, std::string_view reason) {
  Task& task = Task::of(output);
  if (!task.manual || task.manual->cells != input.cells())
    return task.loop().misuse(task, of_component(task) +
                                        "gave a verdict on a tuple that is not its input; a component that acks by itself is "
                                        "registered with manual_ack, and keeps copies with retain()");
  if (task.manual->state != ManualInput::State::none)
    return task.loop().misuse(task, of_component(task) + "gave a second verdict on one input; the first one counts");
  task.manual->state = failed ? ManualInput::State::failed : ManualInput::State::acked;
  task.manual->reason = reason;
}

std::string_view component_of(const Output& output, TaskId task) {
  const Plan& plan = Task::of(output).plan;
  return task < plan.component_of.size() && task != 0 ? std::string_view(plan.topology.components[plan.component_of[task]].id)
                                                      : "__system";
}

const PlanStream* plan_stream(const Output& output, TaskId task, std::uint16_t stream) {
  const Plan& plan = Task::of(output).plan;
  if (task == 0 || task >= plan.component_of.size()) return nullptr;
  const auto& streams = plan.components[plan.component_of[task]].streams;
  return stream < streams.size() ? &streams[stream] : nullptr;
}

std::string_view stream_of(const Output& output, TaskId task, std::uint16_t stream) {
  const PlanStream* found = plan_stream(output, task, stream);
  return found ? std::string_view(found->name) : "__tick";
}

int field_of(const Output& output, TaskId task, std::uint16_t stream, std::string_view field) {
  if (const PlanStream* found = plan_stream(output, task, stream))
    for (std::size_t i = 0; i < found->fields.size(); ++i)
      if (found->fields[i] == field) return static_cast<int>(i);
  return -1;
}

void wake_after(Output& output, std::int64_t nanoseconds) {
  Task& task = Task::of(output);
  task.wake_at = task.loop().shared.options.clock->now() + nanoseconds;
}

constexpr detail::Engine kEngine = {
    .emit = emit,
    .emit_tracked = emit_tracked,
    .threw = threw,
    .fail_input = [](Output& output, std::string_view reason) { fail_input(Task::of(output), reason); },
    .ack_tuple = [](Output& output, const Tuple& input) { ack_or_fail(output, input, false, {}); },
    .fail_tuple = [](Output& output, const Tuple& input, std::string_view reason) { ack_or_fail(output, input, true, reason); },
    .retain = [](Output& output, const Tuple& input) -> std::unique_ptr<detail::RetainedTuple> {
      return retain(Task::of(output), input);
    },
    .component_of = component_of,
    .stream_of = stream_of,
    .field_of = field_of,
    .wake_after = wake_after,
};

/// How many calls until the clock is read again: 64 on average, fewer if that would be more than half a step's budget.
std::uint32_t next_countdown(Random& random, Nanoseconds took) {
  const Nanoseconds calls = std::clamp<Nanoseconds>(kStepBudget / 2 / std::max<Nanoseconds>(1, took), 1, 64);
  return 1 + static_cast<std::uint32_t>(random.below(static_cast<std::uint64_t>(2 * calls - 1)));
}

__attribute__((noinline)) void call_timed(Loop& loop, Task& to, const Tuple& input) {
  const Clock& clock = *loop.shared.options.clock;
  const Nanoseconds before = clock.now();
  try {
    to.hot.bolt->execute(input, to);
  } catch (...) {
    threw(to);
  }
  const Nanoseconds after = clock.now(), took = after - before;
  to.counters.execute.add(static_cast<std::uint64_t>(took), to.countdown_from);
  to.counters.busy += took * to.countdown_from;
  to.counters.executed += to.countdown_from;
  to.hot.countdown = to.countdown_from = next_countdown(loop.random, took);
  if (after - loop.step_start > kStepBudget) loop.end_step_early();
  if (took > kStepBudget / 10) loop.now = after;
}

}  // namespace

const detail::Engine& engine_calls() { return kEngine; }

bool emit_anchored(Task& task, std::span<Tree* const> trees, const Emit& how, const Cell* cells, std::uint32_t count) {
  Loop& loop = task.loop();
  return with_trees(loop, trees, [&] {
    OutStream* const stream = task.stream(how.stream);
    if (!check(task, stream, &how, count)) return;
    ++stream->emitted;
    Emission emission{loop, task, *stream, cells, count, how.targets};
    route(emission, how.task);
  });
}

bool emit_rows(Task& task, std::span<Tree* const> trees, const Cell* cells, std::uint32_t fields, std::uint32_t rows) {
  Loop& loop = task.loop();
  return with_trees(loop, trees, [&] {
    OutStream* const stream = task.default_out;
    if (!check(task, stream, nullptr, fields)) return;
    stream->emitted += rows;
    Emission emission{loop, task, *stream, cells, fields, nullptr};
    for (std::uint32_t i = 0; i < rows; ++i, emission.cells += fields) route(emission, kNoTask);
  });
}

void call_bolt(Loop& loop, Task& to, const Tuple& input) {
  to.hot.gate |= kBusy;
  if (--to.hot.countdown == 0) {
    call_timed(loop, to, input);
  } else {
    try {
      to.hot.bolt->execute(input, to);
    } catch (...) {
      threw(to);
    }
  }
  to.hot.gate &= ~kBusy;
}

void fail_input(Task& task, std::string_view reason) {
  Loop& loop = task.loop();
  if (task.manual && task.manual->state == ManualInput::State::none) {
    task.manual->state = ManualInput::State::failed;
    task.manual->reason = reason;
  }
  if (task.failing != task.executed()) {
    task.failing = task.executed();
    ++task.counters.bolt_failed;
  }
  if (loop.current && !loop.current->failed) {
    loop.current->failed = true;
    loop.reason = reason;
  } else if (!loop.current && !task.manual) {
    loop.complain(task, "failed an input that is not tracked: " + std::string(reason));
  }
}

}  // namespace sparse::worker
