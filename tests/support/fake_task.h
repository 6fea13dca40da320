// The context and host of one task, for tests of components without an engine: the clock stands, and requests are written down.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/topology/topology.h"
#include "tests/support/recording_output.h"
#include "worker/components/component.h"

namespace sparse::test {

/// What a test sets before, and looks at after.
struct FakeTask {
  struct Lost {
    std::uint64_t id;
    Value::List values;
    std::string reason;
  };

  explicit FakeTask(Value::Map options = {}, std::uint32_t index_ = 0, std::uint32_t parallelism = 1) : index(index_) {
    component.id = "it";
    component.options = Value(std::move(options));
    component.parallelism = parallelism;
    topology.name = "test";
  }

  std::uint32_t index;
  ManualClock clock;
  topology::Topology topology;
  topology::Component component;
  Random random{1};
  std::vector<std::string> logged;
  std::vector<Lost> lost;
  std::vector<std::string> gave_up;
  std::map<int, std::uint32_t> watched;
  std::vector<std::chrono::nanoseconds> timers;
  bool paused = false;
  bool end_held = false;
  int woken = 0;
};

class FakeContext final : public Context {
 public:
  explicit FakeContext(FakeTask& task) : task_(task) {}
  std::string_view topology() const override { return task_.topology.name; }
  std::string_view component() const override { return task_.component.id; }
  TaskId task() const override { return task_.index + 1; }
  std::uint32_t index() const override { return task_.index; }
  std::uint32_t parallelism() const override { return task_.component.parallelism; }
  const Value& options() const override { return task_.component.options; }
  const Value& config() const override { return task_.component.config; }
  std::int64_t now() const override { return task_.clock.now(); }
  void log(Level, std::string_view text) const override { task_.logged.emplace_back(text); }
  void start_timer(std::chrono::nanoseconds delay) override { task_.timers.push_back(delay); }
  bool post(std::function<void(Output&)>) override { return false; }

 private:
  FakeTask& task_;
};

class FakeHost final : public worker::TaskHost {
 public:
  explicit FakeHost(FakeTask& task) : task_(task) {}
  Random& random() override { return task_.random; }
  void watch(int fd, std::uint32_t events) override { task_.watched[fd] = events; }
  void unwatch(int fd) override { task_.watched.erase(fd); }
  void pause(bool paused) override { task_.paused = paused; }
  void wake() override { ++task_.woken; }
  void failed_for_good(Output&, MessageId id, const Cell* cells, std::uint32_t count, std::string_view reason) override {
    FakeTask::Lost lost{.id = id.value, .values = {}, .reason = std::string(reason)};
    for (std::uint32_t i = 0; i < count; ++i) lost.values.emplace_back(ValueView(cells[i]));
    task_.lost.push_back(std::move(lost));
  }
  std::vector<TaskId> choose_ahead(std::string_view) override { return {}; }
  const topology::Topology& topology() const override { return task_.topology; }
  const topology::Component& component() const override { return task_.component; }
  std::string_view component_of(TaskId) const override { return task_.component.id; }
  TaskId task_count() const override { return task_.component.parallelism; }
  void hold_end(bool held) override { task_.end_held = held; }
  void give_up(std::string reason) override { task_.gave_up.push_back(std::move(reason)); }
  worker::InputShare take(const Tuple&) override { return {}; }
  void settle(worker::InputShare&, bool, std::string_view) override {}
  void answered(TaskId, Nanoseconds) override {}
  bool emit(Output& out, std::span<worker::InputShare* const>, const Emit& how, const Cell* cells, std::uint32_t count) override {
    out.emit_cells(how, cells, count);
    return true;
  }
  bool emit_rows(Output& out, worker::InputShare&, const Cell* cells, std::uint32_t fields, std::uint32_t rows) override {
    for (std::uint32_t i = 0; i < rows; ++i) out.emit_cells({}, cells + std::size_t{i} * fields, fields);
    return true;
  }

 private:
  FakeTask& task_;
};

/// A component of type T in a task of its own.
template <class T>
struct Rig {
  template <class... Args>
  explicit Rig(FakeTask task_, Args&&... args) : task(std::move(task_)), it(std::forward<Args>(args)...) {
    if constexpr (std::is_base_of_v<worker::External, T>) it.attach(host);
  }
  explicit Rig(Value::Map options = {}) : Rig(FakeTask(std::move(options))) {}

  FakeTask task;
  FakeContext context{task};
  FakeHost host{task};
  RecordingOutput out;
  T it;

  void open() { it.open(context); }
  /// Calls `next` until it has nothing, at most so often; what it said last.
  Next run(int at_most = 1000) {
    Next said = Next::emitted;
    while (said == Next::emitted && at_most-- > 0) said = it.next(out);
    return said;
  }
};

}  // namespace sparse::test
