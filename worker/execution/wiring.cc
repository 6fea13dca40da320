// Connecting the tasks of a loop: streams, edges, routers, credits.
#include <algorithm>

#include "core/base/exception_text.h"
#include "worker/execution/loop.h"

namespace sparse::worker {
namespace {

/// The subscriber's tasks that are nearest: on the same loop, or else in the same worker. By index.
std::vector<std::uint32_t> near_tasks(const Plan& plan, const PlanComponent& subscriber, std::uint32_t loop) {
  std::vector<std::uint32_t> same_loop, same_worker;
  for (std::uint32_t i = 0; i < subscriber.tasks; ++i) {
    const std::uint32_t home = plan.loop_of[subscriber.first + i];
    if (home == loop) same_loop.push_back(i);
    if (home / plan.placement.loops == loop / plan.placement.loops) same_worker.push_back(i);
  }
  return same_loop.empty() ? same_worker : same_loop;
}

Result<std::unique_ptr<Grouping>> custom_grouping(ComponentFactory& factory, const PlanEdge& edge,
                                                  const std::vector<TaskId>& tasks) {
  const std::string failed = "custom grouping \"" + edge.grouping.custom.name + "\" could not be prepared: ";
  try {
    auto made = factory.make_grouping(edge.grouping.custom);
    if (made) (*made)->prepare(tasks, edge.grouping.arguments);
    return made;
  } catch (...) {
    return Error{failed + current_exception_text()};
  }
}

}  // namespace

void Loop::add_lines() {
  for (auto& task : tasks) {
    add_lines(*task);
    for (const std::uint32_t upstream : task->planned().upstream) task->channels += shared.plan.components[upstream].tasks;
  }
}

/// One for each loop from which tuples may come to the task.
void Loop::add_lines(Task& task) {
  const Plan& plan = shared.plan;
  for (const PlanComponent& source : plan.components)
    for (const PlanStream& stream : source.streams)
      for (const PlanEdge& edge : stream.edges)
        if (task.component == edge.subscriber)
          for (std::uint32_t i = 0; i < source.tasks; ++i) {
            const std::uint32_t from = plan.loop_of[source.first + i];
            if (from == global_index || task.lines[from]) continue;
            task.lines[from] = std::make_unique<CreditLine>();
            task.lines[from]->window.store(task.window.size());
          }
}

std::optional<Error> Loop::wire(const std::function<Task*(TaskId)>& local_task) {
  for (auto& owned : tasks) {
    Task& task = *owned;
    task.hot.bolt = task.made.bolt.get();
    const auto& streams = task.planned().streams;
    task.streams.resize(streams.size());
    for (std::size_t i = 0; i < streams.size(); ++i) {
      task.streams[i].plan = &streams[i];
      task.streams[i].number = static_cast<std::uint8_t>(i);
      for (const PlanEdge& edge : streams[i].edges)
        if (auto error = wire_edge(task, task.streams[i], edge, local_task)) return error;
    }
    task.default_out = task.stream("default");
  }
  for (auto& task : tasks) task->set_direct(&stack_floor, &closed_gate_);
  return std::nullopt;
}

std::optional<Error> Loop::wire_edge(Task& task, OutStream& stream, const PlanEdge& edge,
                                     const std::function<Task*(TaskId)>& local_task) {
  const Plan& plan = shared.plan;
  const PlanComponent& subscriber = plan.components[edge.subscriber];
  Router::Options options{
      .kind = edge.grouping.kind, .targets = subscriber.tasks, .positions = edge.positions, .offset = task.index};
  for (std::uint32_t i = 0; i < subscriber.tasks; ++i) options.tasks.push_back(subscriber.first + i);
  if (edge.grouping.kind == topology::GroupingKind::custom) {
    auto custom = custom_grouping(*shared.options.factory, edge, options.tasks);
    if (!custom) return custom.error();
    options.custom = std::move(*custom);
  }
  options.near = near_tasks(plan, subscriber, global_index);
  Edge wired{Router(std::move(options)), {}};
  for (std::uint32_t i = 0; i < subscriber.tasks; ++i)
    wired.targets.push_back({.id = subscriber.first + i, .closes_cycle = edge.closes_cycle});
  aim(task, wired, edge, local_task);
  stream.edges.push_back(std::move(wired));
  return std::nullopt;
}

/// Tells an edge where its targets are now.
void Loop::aim(Task& task, Edge& wired, const PlanEdge& edge, const std::function<Task*(TaskId)>& local_task) {
  wired.router.set_near(near_tasks(shared.plan, shared.plan.components[edge.subscriber], global_index));
  for (Target& target : wired.targets) {
    target.task = here_[target.id];
    target.link = link_of(target.id);
    Credit& credit = credits_[target.id];
    if (!target.task && !credit.line) {
      if (const Task* neighbour = local_task(target.id)) {
        credit.line = neighbour->lines[global_index].get();
      } else {
        mirrors_.push_back(std::make_unique<CreditLine>());
        credit.line = mirrors_.back().get();
      }
    }
    if (edge.closes_cycle) {
      if (!target.task) cycle_targets_.push_back(target.id);
    } else if (auto& senders = senders_[target.id]; senders.empty() || senders.back() != &task) {
      senders.push_back(&task);  // tasks are aimed one after the other
    }
  }
}

}  // namespace sparse::worker
