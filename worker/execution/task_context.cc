#include "worker/execution/task_context.h"

#include "worker/execution/loop.h"

namespace sparse::worker {

TaskContext::TaskContext(Task& task)
    : task_(task), options_(task.spec().options), config_(merged_config(task.plan.topology, task.spec())) {}

std::int64_t TaskContext::now() const { return task_.loop().shared.options.clock->now(); }

void TaskContext::log(Level level, std::string_view text) const {
  task_.loop().shared.options.log->write({.level = level, .component = task_.spec().id, .task = task_.id, .text = text});
}

void TaskContext::start_timer(std::chrono::nanoseconds delay) { task_.loop().start_timer(task_, now() + delay.count()); }

bool TaskContext::post(std::function<void(Output&)> fn) {
  return Loop::post(task_, [&task = task_, fn = std::move(fn)](Loop& loop) {
    if (task.phase == Task::Phase::opening) return;  // it could not be opened
    loop.call_component(task, "a posted function", [&] { fn(task); });
    loop.list(task);
  });
}

Random& LoopTaskHost::random() { return task_.loop().random; }

// Without it, the component would wait for ever.
void LoopTaskHost::watch(int fd, std::uint32_t events) {
  if (const int error = task_.loop().poller.watch(task_, fd, events); error != 0) give_up(not_watched(error));
}

void LoopTaskHost::unwatch(int fd) { task_.loop().poller.unwatch(fd); }

void LoopTaskHost::pause(bool paused) {
  paused_ = paused;
  if (!opened_) return;
  if (paused) {
    task_.hot.gate |= kPaused;
  } else {
    task_.hot.gate &= ~kPaused;
  }
}

void LoopTaskHost::wake() {
  task_.wake_at = 0;
  task_.exhausted = false;
}

void LoopTaskHost::opened() {
  opened_ = true;
  pause(paused_);
}

void LoopTaskHost::failed_for_good(Output& out, MessageId id, const Cell* cells, std::uint32_t count, std::string_view reason) {
  ++task_.counters.failed_for_good;
  Value::List values;
  for (std::uint32_t i = 0; i < count; ++i) values.push_back(Value(ValueView(cells[i])));
  if (!task_.spec().dead_letter.empty()) {
    out.emit(Emit{.stream = kDeadLetterStream}, static_cast<std::int64_t>(id.value), Value(std::move(values)), reason);
    return;
  }
  std::string shown;
  for (const Value& value : values) {
    if (!shown.empty()) shown += ", ";
    if (const auto* text = value.as<std::string>())
      shown += '"' + text->substr(0, 200) + '"';
    else
      shown += type_name(value.type());
  }
  task_.context->log(Level::error, "message " + std::to_string(id.value) + " failed for good: " + std::string(reason) +
                                       "; values: [" + shown + "]");
}

std::vector<TaskId> LoopTaskHost::choose_ahead(std::string_view name) {
  OutStream* stream = task_.stream(name);
  if (!stream) return {};
  for (const Edge& edge : stream->edges)
    if (!edge.router.chooses_ahead()) return {};
  std::vector<TaskId> chosen;
  std::vector<std::uint32_t> indices;
  for (Edge& edge : stream->edges) {
    indices.clear();
    edge.router.choose_ahead(indices);
    for (const std::uint32_t index : indices) chosen.push_back(edge.targets[index].id);
  }
  return chosen;
}

std::string_view LoopTaskHost::component_of(TaskId task) const {
  const Plan& plan = task_.plan;
  return task != 0 && task < plan.component_of.size() ? std::string_view(plan.topology.components[plan.component_of[task]].id)
                                                      : "__system";
}

void LoopTaskHost::hold_end(bool held) {
  task_.end_held = held;
  if (!held) task_.loop().list(task_);
}

void LoopTaskHost::give_up(std::string reason) {
  task_.loop().shared.give_up("component \"" + task_.spec().id + "\": " + reason);
}

}  // namespace sparse::worker
