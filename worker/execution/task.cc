#include "worker/execution/task.h"

#include "worker/execution/emit.h"
#include "worker/execution/task_context.h"

namespace sparse::worker {

Task::Task(Loop& on, TaskId number, const Plan& shared)
    : id(number),
      component(shared.component_of[number]),
      index(number - shared.components[component].first),
      plan(shared),
      ledger(number, 0, shared.timeout),
      home_(&on) {
  engine_ = &engine_calls();
  task_ = number;
  hot.output = this;
  hot.gate = kPaused;
  hot.countdown = countdown_from = 1;
}

Task::~Task() = default;

void Task::set_direct(const std::uintptr_t* floor, detail::Hot* closed) {
  floor_ = floor;
  direct_ = closed;
  only = nullptr;
  OutStream* out = stream("default");
  if (!out) return;
  default_stream_ = out->number;
  default_fields_ = static_cast<std::uint16_t>(out->plan->fields.size());
  // A child's targets may have been told to it ahead: the router knows which.
  if (out->edges.size() == 1 && out->edges[0].router.is_fixed() && !made.external) only = &out->edges[0].targets[0];
  // A bolt that acks by itself anchors by hand: that goes through the engine, as a spout's emit does that begins a tree.
  if (manual_ack) return;
  if (!is_spout()) is_heard_ = !out->edges.empty() || out->plan->direct;
  if (only && only->task) direct_ = &only->task->hot;
}

}  // namespace sparse::worker
