// A shell bolt or spout with everything around it faked: its child, its task's host and context, and where it emits.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "core/process/child_process.h"
#include "worker/components/shell_bolt.h"
#include "worker/components/shell_spout.h"

namespace sparse::test {

/// What the twin's child has seen and is to do. Outlives the child.
struct TwinScript {
  std::string written;                ///< what the parent wrote, and the test has not taken yet
  std::deque<std::string> says;       ///< each is one read of stdout
  std::deque<std::string> complains;  ///< each is one read of stderr
  std::optional<process::ExitStatus> status;
  std::size_t pipe_room = 1 << 20;
  bool killed = false;
  bool stdin_closed = false;
  bool stdout_closed = false;
};

class TwinChild final : public process::Child {
 public:
  TwinChild(std::shared_ptr<TwinScript> script, int number) : script_(std::move(script)), number_(number) {}
  ~TwinChild() override { script_->killed = script_->killed || !script_->status; }
  pid_t pid() const override { return 1000 + number_; }
  int stdin_fd() const override { return script_->stdin_closed ? -1 : 10 * number_; }
  int stdout_fd() const override { return 10 * number_ + 1; }
  int stderr_fd() const override { return 10 * number_ + 2; }
  int exit_fd() const override { return 10 * number_ + 3; }
  process::Io write(std::span<const iovec> parts) override {
    if (script_->status) return {process::Io::State::ended};
    std::size_t total = 0;
    for (const iovec& part : parts) {
      const std::size_t count = std::min(part.iov_len, script_->pipe_room - total);
      script_->written.append(static_cast<const char*>(part.iov_base), count);
      total += count;
    }
    script_->pipe_room -= total;
    return total == 0 ? process::Io{} : process::Io{process::Io::State::done, total};
  }
  process::Io read_stdout(std::span<char> to) override {
    return read(script_->says, to, script_->status || script_->stdout_closed);
  }
  process::Io read_stderr(std::span<char> to) override { return read(script_->complains, to, script_->status.has_value()); }
  void close_stdin() override { script_->stdin_closed = true; }
  bool wait(std::chrono::milliseconds) override {
    script_->status = script_->status.value_or(process::ExitStatus{});  // it ends with its input
    return true;
  }
  std::optional<process::ExitStatus> ended() override { return script_->status; }
  void ask_to_end() override {}
  void kill() override { script_->killed = true; }
  process::ExitStatus terminate(std::chrono::milliseconds) override {
    return script_->status.value_or(process::ExitStatus{true, 9});
  }

 private:
  static process::Io read(std::deque<std::string>& from, std::span<char> to, bool ended) {
    if (from.empty()) return {ended ? process::Io::State::ended : process::Io::State::would_wait};
    const std::string text = std::exchange(from.front(), {});
    from.pop_front();
    std::copy(text.begin(), text.end(), to.begin());
    return {process::Io::State::done, text.size()};
  }
  std::shared_ptr<TwinScript> script_;
  int number_;
};

class TwinLauncher final : public process::ProcessLauncher {
 public:
  Result<std::unique_ptr<process::Child>> launch(const process::Command& command) override {
    commands.push_back(command);
    if (!error.empty()) return Error{error};
    scripts.push_back(std::make_shared<TwinScript>());
    return std::unique_ptr<process::Child>(std::make_unique<TwinChild>(scripts.back(), static_cast<int>(scripts.size())));
  }
  Result<std::string> make_folder() override { return "/twin" + std::to_string(++folders); }
  void remove_folder(const std::string&) override { --folders; }

  std::string error;
  std::vector<process::Command> commands;
  std::vector<std::shared_ptr<TwinScript>> scripts;
  int folders = 0;
};

/// Emits as text: `default [the] @5 @7` where 5 and 7 are the first values of the tuples it was anchored to; and verdicts.
class ShellOutput final : public Output {
 public:
  ShellOutput();
  std::vector<std::string> emits;
  std::vector<std::string> verdicts;        ///< `ack 5`, `fail 5: reason`, by the first value of the tuple
  std::deque<std::vector<TaskId>> targets;  ///< for emits to come; default {7}
  void execute(Bolt& bolt, Value::List values);

  // Of the host.
  worker::InputShare take(const Tuple& input);
  void settle(worker::InputShare& share, bool failed, std::string_view reason);
  std::string name(const worker::InputShare& share) const { return taken_.at(share.tree.root - 1).name; }
  bool fails_next_emit = false;  ///< what gets it fails

 private:
  struct Taken {
    std::string name;
    bool settled = false;
  };
  std::deque<Taken> taken_;

  detail::Hot closed_;
  std::uintptr_t no_floor_ = ~std::uintptr_t{0};
};

struct ShellTask {
  ManualClock clock;
  topology::Topology topology;
  std::size_t component;
  Random random{1};
  std::vector<std::string> log;
  std::map<int, std::uint32_t> watched;
  std::set<Nanoseconds> timers;
  std::deque<std::vector<TaskId>> ahead;  ///< what choose_ahead gives; then nothing
  std::optional<std::string> gave_up;
  std::vector<std::string> lost;
  std::vector<std::pair<TaskId, Nanoseconds>> answered;
  bool paused = false;
  bool end_held = false;
  int woken = 0;

  /// lines [line] -> split [word], and [line] on the direct stream `to` -> count (shuffle), out (direct on `to`); tasks 1 to 4
  explicit ShellTask(std::size_t component);
  topology::Component& self() { return topology.components[component]; }
  bool logged(std::string_view text) const {
    return std::any_of(log.begin(), log.end(), [&](const std::string& line) { return line.find(text) != line.npos; });
  }
};

class ShellHost final : public worker::TaskHost {
 public:
  ShellHost(ShellTask& task, ShellOutput& out) : task_(task), out_(out) {}
  Random& random() override { return task_.random; }
  void watch(int fd, std::uint32_t events) override { task_.watched[fd] = events; }
  void unwatch(int fd) override { task_.watched.erase(fd); }
  void pause(bool paused) override { task_.paused = paused; }
  void wake() override { ++task_.woken; }
  void failed_for_good(Output&, MessageId, const Cell*, std::uint32_t, std::string_view reason) override {
    task_.lost.emplace_back(reason);
  }
  std::vector<TaskId> choose_ahead(std::string_view) override {
    if (task_.ahead.empty()) return {};
    const auto chosen = task_.ahead.front();
    task_.ahead.pop_front();
    return chosen;
  }
  const topology::Topology& topology() const override { return task_.topology; }
  const topology::Component& component() const override { return task_.self(); }
  std::string_view component_of(TaskId task) const override { return task_.topology.components.at(task - 1).id; }
  TaskId task_count() const override { return static_cast<TaskId>(task_.topology.components.size()); }
  void hold_end(bool held) override { task_.end_held = held; }
  void give_up(std::string reason) override { task_.gave_up = std::move(reason); }
  void answered(TaskId source, Nanoseconds took) override { task_.answered.emplace_back(source, took); }
  worker::InputShare take(const Tuple& input) override { return out_.take(input); }
  void settle(worker::InputShare& share, bool failed, std::string_view reason) override { out_.settle(share, failed, reason); }
  bool emit(Output& out, std::span<worker::InputShare* const> anchors, const Emit& how, const Cell* cells,
            std::uint32_t count) override;
  bool emit_rows(Output& out, worker::InputShare& anchor, const Cell* cells, std::uint32_t fields, std::uint32_t rows) override;

 private:
  ShellTask& task_;
  ShellOutput& out_;
};

class ShellContext final : public Context {
 public:
  explicit ShellContext(ShellTask& task) : task_(task) {}
  std::string_view topology() const override { return task_.topology.name; }
  std::string_view component() const override { return task_.self().id; }
  TaskId task() const override { return static_cast<TaskId>(task_.component + 1); }
  std::uint32_t index() const override { return 0; }
  std::uint32_t parallelism() const override { return 1; }
  const Value& options() const override { return task_.self().options; }
  const Value& config() const override { return task_.self().config; }
  std::int64_t now() const override { return task_.clock.now(); }
  void log(Level level, std::string_view text) const override;
  void start_timer(std::chrono::nanoseconds delay) override { task_.timers.insert(task_.clock.now() + delay.count()); }
  bool post(std::function<void(Output&)>) override { return false; }

 private:
  ShellTask& task_;
};

/// T: ShellBolt or ShellSpout.
template <class T>
struct ShellRig {
  explicit ShellRig(worker::ShellLimits limits = {})
      : task(std::is_same_v<T, worker::ShellSpout> ? 0u : 1u), it(worker::ShellSettings{.launcher = launcher, .limits = limits}) {
    it.attach(host);
  }
  std::shared_ptr<TwinLauncher> launcher = std::make_shared<TwinLauncher>();
  ShellTask task;
  ShellOutput out;
  ShellHost host{task, out};
  ShellContext context{task};
  T it;

  TwinScript& child() { return *launcher->scripts.back(); }
  int fd(int which) const { return 10 * static_cast<int>(launcher->scripts.size()) + which; }
  void open() { it.open(context); }
  /// Opens, and answers the handshake.
  void start(std::string_view pid = "{\"pid\":1}") {
    open();
    answer(pid);
    task.log.clear();
  }
  void answer(std::string_view pid = "{\"pid\":1}") {
    say(pid);
    take_written();
  }
  /// The child writes these messages, one read each.
  template <class... Text>
  void say(const Text&... texts) {
    (say_bytes(std::string(texts) + "\nend\n"), ...);
  }
  void say_bytes(std::string bytes) {
    child().says.push_back(std::move(bytes));
    it.ready(fd(1), EPOLLIN, out);
  }
  /// The pipe to the child takes what waits.
  void drain() {
    child().pipe_room = 1 << 20;
    if (task.watched.contains(fd(0))) it.ready(fd(0), EPOLLOUT, out);
  }
  /// What the parent has written, `|` for the end of a message.
  std::string take_written() {
    drain();
    std::string text = std::exchange(child().written, {});
    for (std::size_t at; (at = text.find("\nend\n")) != text.npos;) text.replace(at, 5, "|");
    return text;
  }
  void die(process::ExitStatus status) {
    child().status = status;
    it.ready(fd(3), EPOLLIN, out);
  }
  /// Lets time pass until the next child is started.
  void pass_until_restart() {
    const std::size_t lives = launcher->commands.size();
    for (int i = 0; i < 1000 && launcher->commands.size() == lives; ++i) pass(100 * kMillisecond);
  }
  /// Lets time pass, timer by timer.
  void pass(Nanoseconds time) {
    const Nanoseconds end = task.clock.now() + time;
    while (!task.timers.empty() && *task.timers.begin() <= end) {
      task.clock.set(std::max(task.clock.now(), *task.timers.begin()));
      task.timers.erase(task.timers.begin());
      it.timer(out);
    }
    task.clock.set(end);
  }
};

}  // namespace sparse::test
