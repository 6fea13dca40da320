// The worker: builds loops from a plan, runs them on threads or by hand.
#include "worker/worker.h"

#include <sched.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "worker/execution/balancer.h"
#include "worker/execution/loop.h"
#include "worker/execution/loop_thread.h"
#include "worker/execution/moves.h"
#include "worker/execution/watchdog.h"
#include "worker/transport/port.h"

namespace sparse::worker {
namespace {

int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

class WorkerProcess final : public Worker {
 public:
  WorkerProcess(const topology::Topology& topology, WorkerOptions options) {
    shared_.plan = make_plan(topology, options.placement);
    options.fusion = options.fusion && config_boolean(topology, nullptr, "topology.fusion", true);
    shared_.options = std::move(options);
    shared_.cores = available_cores();
    shared_.sleepers = std::make_unique<Sleeper[]>(shared_.loop_count() + 1);
  }
  ~WorkerProcess() override {
    stop();
    watch_ = {};  // joins, before the threads that it may interrupt are gone
    threads_.clear();
    for (auto& loop : loops_)
      if (manual_) loop->close_tasks();
  }

  std::optional<Error> build() {
    const Plan& plan = shared_.plan;
    for (const topology::Component& component : plan.topology.components)
      if (component.blocking)
        shared_.options.log->write({.component = component.id, .text = "may block: its tasks run on loops of their own"});
    for (std::uint32_t i = 0; i < shared_.loop_count(); ++i) {
      loops_.push_back(std::make_unique<Loop>(shared_, i));
      shared_.sleepers[i].event = loops_.back()->poller.event();
    }
    for (TaskId task = 1; task <= plan.task_count(); ++task)
      if (plan.worker_of(task) == shared_.options.index)
        if (auto error = add_task(task)) return error;
    for (std::uint32_t a = 0; a < plan.placement.first_reserve(); ++a)
      for (std::uint32_t b = 0; b < a; ++b) link_loops(shared_, *loops_[a], *loops_[b]);
    if (shared_.options.transport) connect_port();
    for (auto& loop : loops_) loop->add_lines();
    for (auto& loop : loops_)
      if (auto error = loop->wire([this](TaskId task) { return find(task); })) return error;
    return std::nullopt;
  }

  void start() override {
    shared_.stops_when_ended = true;
    for (auto& loop : loops_)
      threads_.emplace_back([this, &loop = *loop] {
        run_loop_thread(loop);
        const std::lock_guard lock(done_mutex_);
        ++threads_ended_;
        done_changed_.notify_all();
      });
    for (std::size_t i = 0; i < loops_.size(); ++i) watchdog_.add(*loops_[i], threads_[i].native_handle());
    watch_ = std::jthread([this](const std::stop_token& stopped) { watch_over_steps(stopped); });
  }

  bool step() override {
    if (!manual_) {
      manual_ = true;
      for (auto& loop : loops_) loop->open_tasks();
    }
    bool any = false;
    for (auto& loop : loops_) any |= loop->round();
    for (auto& loop : loops_) any |= loop->flush_all();
    if (port_) any |= port_->step();
    return any;
  }

  std::optional<Nanoseconds> next_deadline() const override {
    std::optional<Nanoseconds> at;
    for (const auto& loop : loops_)
      if (const auto due = loop->deadline()) at = at ? std::min(*at, *due) : due;
    if (port_)
      if (const auto due = port_->deadline()) at = at ? std::min(*at, *due) : due;
    return at;
  }

  void drain() override {
    shared_.draining.store(true);
    shared_.wake_all();
  }
  void stop() override {
    shared_.stopping.store(true);
    shared_.wake_all();
  }
  bool done() const override {
    if (manual_) return shared_.stopping.load() || (all_ended() && (!port_ || port_->idle()));
    const std::lock_guard lock(done_mutex_);
    return threads_ended_ == loops_.size();
  }
  bool wait(Nanoseconds at_most) override {
    std::unique_lock lock(done_mutex_);
    return done_changed_.wait_for(lock, std::chrono::nanoseconds(at_most), [this] { return threads_ended_ == loops_.size(); });
  }
  void peer_lost(std::uint16_t worker) override {
    if (port_) port_->peer_lost(worker);
  }
  bool move_task(TaskId task, std::uint16_t loop) override {
    const TaskMove move{task, loop};
    const std::lock_guard lock(gathering_);
    if (manual_ || threads_.empty()) {
      move_tasks(shared_, loops_, {&move, 1});
      return true;
    }
    return shared_.while_standing(kStopAtMost, [&] { move_tasks(shared_, loops_, {&move, 1}); });
  }
  std::vector<std::string> leftovers() override {
    std::vector<std::string> found;
    for (auto& loop : loops_) loop->append_leftovers(found);
    std::uint64_t free = port_ ? port_->free_bytes() : 0;
    for (auto& loop : loops_) free += loop->pool.free_bytes();
    if (const std::uint64_t bytes = shared_.batch_bytes.load(); bytes != free)
      found.push_back(std::to_string(bytes - free) + " bytes in batches that no pool has");
    return found;
  }
  std::optional<Error> failure() const override { return shared_.failure(); }

  WorkerStats stats() const override {
    const std::lock_guard lock(gathering_);
    WorkerStats stats;
    stats.at = shared_.options.clock->now();
    stats.pooled_bytes = shared_.batch_bytes.load();
    stats.frames_lost = shared_.frames_lost.load();
    stats.frames_refused = shared_.frames_refused.load();
    std::vector<std::uint64_t> versions;
    const bool running = !manual_ && !done() && !threads_.empty();
    for (const auto& loop : loops_) {
      versions.push_back(running ? loop->stats_version() : 0);
      if (running)
        loop->want_stats();
      else if (manual_)
        loop->publish_stats();
    }
    for (std::size_t i = 0; i < loops_.size(); ++i) loops_[i]->append_stats(stats.tasks, running ? versions[i] : 0, kSecond / 20);
    for (TaskStats& task : stats.tasks) task.load = balancer_.load_of(task.task);
    std::sort(stats.tasks.begin(), stats.tasks.end(), [](const TaskStats& a, const TaskStats& b) { return a.task < b.task; });
    return stats;
  }

 private:
  std::optional<Error> add_task(TaskId id) {
    Loop& loop = *loops_[shared_.plan.loop_of[id] % shared_.loop_count()];
    Task& task = loop.add_task(id);
    auto made = shared_.options.factory->make(shared_.plan.topology, task.spec());
    if (!made) return made.error();
    task.made = std::move(*made);
    tasks_.resize(std::max<std::size_t>(tasks_.size(), id + 1));
    tasks_[id] = &task;
    ++shared_.local_tasks;
    if (task.is_spout()) ++shared_.local_spouts;
    return std::nullopt;
  }

  void connect_port() {
    port_ = std::make_unique<Port>(shared_, *shared_.options.transport);
    for (std::uint32_t i = 0; i < shared_.loop_count(); ++i) {
      for (std::uint16_t worker = 0; worker < shared_.plan.placement.workers; ++worker)
        if (worker != shared_.options.index)
          loops_[i]->connect(shared_.loop_count() + worker, &port_->link_from(i, worker), nullptr);
      loops_[i]->connect(shared_.loop_count(), nullptr, &port_->link_to(i));
    }
  }

  Task* find(TaskId id) const { return id < tasks_.size() ? tasks_[id] : nullptr; }

  bool all_ended() const { return shared_.tasks_ended.load() >= shared_.local_tasks; }

  void watch_over_steps(const std::stop_token& stopped) {
    while (!stopped.stop_requested() && !shared_.stopping.load()) {
      watchdog_.look();
      balancer_.look();
      std::unique_lock lock(done_mutex_);
      done_changed_.wait_for(lock, stopped, std::chrono::milliseconds(250), [this] { return threads_ended_ == loops_.size(); });
    }
  }

  WorkerShared shared_;
  Watchdog watchdog_{shared_};
  std::unique_ptr<Port> port_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<Task*> tasks_;      ///< by number; null: another worker's
  mutable std::mutex gathering_;  ///< held while figures of all loops are put together, and while tasks move
  Balancer balancer_{shared_, loops_, gathering_};
  bool manual_ = false;
  mutable std::mutex done_mutex_;
  std::condition_variable_any done_changed_;
  std::size_t threads_ended_ = 0;
  std::vector<std::jthread> threads_;
  std::jthread watch_;
};

}  // namespace

Result<std::unique_ptr<Worker>> Worker::create(const topology::Topology& topology, WorkerOptions options) {
  auto worker = std::make_unique<WorkerProcess>(topology, std::move(options));
  if (auto error = worker->build()) return *error;
  return std::unique_ptr<Worker>(std::move(worker));
}

}  // namespace sparse::worker
