// What a task's component can ask for: the SDK's Context, and TaskHost for sparse's own components.
#pragma once

#include <string>

#include "worker/components/component.h"
#include "worker/execution/task.h"

namespace sparse::worker {

class TaskContext final : public Context {
 public:
  explicit TaskContext(Task& task);

  std::string_view topology() const override { return task_.plan.topology.name; }
  std::string_view component() const override { return task_.spec().id; }
  TaskId task() const override { return task_.id; }
  std::uint32_t index() const override { return task_.index; }
  std::uint32_t parallelism() const override { return task_.planned().tasks; }
  const Value& options() const override { return options_; }
  const Value& config() const override { return config_; }
  std::int64_t now() const override;
  void log(Level level, std::string_view text) const override;
  void start_timer(std::chrono::nanoseconds delay) override;
  bool post(std::function<void(Output&)> fn) override;

 private:
  Task& task_;
  Value options_;
  Value config_;
};

class LoopTaskHost final : public TaskHost {
 public:
  explicit LoopTaskHost(Task& task) : task_(task) {}

  Random& random() override;
  void watch(int fd, std::uint32_t events) override;
  void unwatch(int fd) override;
  void pause(bool paused) override;
  void wake() override;
  void failed_for_good(Output& out, MessageId id, const Cell* cells, std::uint32_t count, std::string_view reason) override;
  std::vector<TaskId> choose_ahead(std::string_view stream) override;
  const topology::Topology& topology() const override { return task_.plan.topology; }
  const topology::Component& component() const override { return task_.spec(); }
  std::string_view component_of(TaskId task) const override;
  TaskId task_count() const override { return task_.plan.task_count(); }
  void hold_end(bool held) override;
  void answered(TaskId source, Nanoseconds took) override { task_.waits.answered(task_.plan.component_of[source], took); }
  void give_up(std::string reason) override;

  // shares.cc
  InputShare take(const Tuple& input) override;
  void settle(InputShare& share, bool failed, std::string_view reason) override;
  bool emit(Output& out, std::span<InputShare* const> anchors, const Emit& how, const Cell* cells, std::uint32_t count) override;
  bool emit_rows(Output& out, InputShare& anchor, const Cell* cells, std::uint32_t fields, std::uint32_t rows) override;

  /// `open` has returned: tuples may come, unless the component has paused itself.
  void opened();

 private:
  bool settle_if_failed(bool went_well, std::span<InputShare* const> shares);

  Task& task_;
  bool opened_ = false;
  bool paused_ = false;
};

}  // namespace sparse::worker
