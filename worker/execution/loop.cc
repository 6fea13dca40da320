// Building a loop, and its rounds.
#include "worker/execution/loop.h"

#include <algorithm>
#include <limits>

#include "core/base/check.h"
#include "core/base/exception_text.h"
#include "worker/acking/reasons.h"
#include "worker/execution/emit.h"
#include "worker/execution/retained.h"
#include "worker/execution/task_context.h"

namespace sparse::worker {

void WorkerShared::give_up(std::string reason) {
  {
    const std::lock_guard lock(failure_mutex_);
    if (!failure_) failure_ = Error{std::move(reason)};
  }
  stopping.store(true);
  wake_all();
}

std::optional<Error> WorkerShared::failure() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

void WorkerShared::wake_all() {
  for (std::uint32_t i = 0; i <= loop_count(); ++i) sleepers[i].wake();
}

bool WorkerShared::while_standing(Nanoseconds at_most, const std::function<void()>& work) {
  return standstill.during(loop_count(), at_most, [this] { wake_all(); }, work);
}

Loop::Loop(WorkerShared& worker, std::uint32_t number)
    : shared(worker),
      index(number),
      global_index(worker.options.index * worker.loop_count() + number),
      random(worker.options.seed * 0x9e3779b97f4a7c15ull + global_index + 1),
      pool(number, worker.batch_bytes) {
  const std::size_t links = worker.loop_count() + worker.plan.placement.workers;
  out_.resize(links);
  in_.resize(worker.loop_count() + 1);
  last_ack_.resize(links);
  here_.resize(worker.plan.component_of.size());
  senders_.resize(here_.size());
  credits_.resize(here_.size());
  peer_attempts_.resize(worker.plan.placement.workers);
  peer_attempts_[worker.options.index] = static_cast<std::uint16_t>(worker.options.attempt);
}

Loop::~Loop() {
  // Components and posted functions may keep retained tuples, which get their verdict now: all else has to be there still.
  set_loop_of_thread(this);
  posted_.clear();
  for (auto& task : tasks) {
    task->made = {};
    task->inbox.clear(pool);
    for (auto& [source, held] : task->held) held.inbox.clear(pool);
  }
  set_loop_of_thread(nullptr);
}

Task& Loop::add_task(TaskId id) {
  tasks.push_back(std::make_unique<Task>(*this, id, shared.plan));
  Task& task = *tasks.back();
  here_[id] = &task;
  task.ledger = AckLedger(id, shared.options.attempt, shared.plan.timeout);
  task.lines.resize(shared.plan.loop_total());
  task.context = std::make_unique<TaskContext>(task);
  task.host = std::make_unique<LoopTaskHost>(task);
  // A child gives the verdicts on the tuples that it was given.
  task.manual_ack = task.spec().manual_ack || (topology::runs_as_child(task.spec()) && !task.spec().is_spout);
  const std::int64_t pending = config_integer(shared.plan.topology, &task.spec(), "topology.max.spout.pending", 10'000);
  task.max_pending = static_cast<std::uint64_t>(std::clamp<std::int64_t>(pending, 1, RootId::kSlotsMax / 2));
  if (task.spec().is_spout)
    spouts_.push_back(&task);
  else if (task.manual_ack || !shared.options.fusion)
    task.hot.gate |= kQueueOnly;
  return task;
}

void Loop::connect(std::uint32_t link, Link* to, Link* from) {
  if (to) out_[link] = to;
  if (from) in_[link] = from;
}

void Loop::begin_step() {
  // Direct calls stop when a mebibyte of the stack is in use: what is left belongs to the frames of one component.
  constexpr std::uintptr_t kStackForCalls = 1u << 20;
  stack_floor = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - kStackForCalls;
  step_start = now;
  count_step();
}

void Loop::call_component(Task& task, const char* what, const std::function<void()>& call) {
  // A call inside a step, as `fail` after `next`, takes its time from that step.
  const std::uintptr_t floor_before = stack_floor;
  const Nanoseconds start_before = step_start;
  begin_step();
  const Outside outside(*this, task, what);
  Current* const before = current;
  current = nullptr;
  task.hot.gate |= kBusy;
  try {
    call();
  } catch (...) {
    misuse(task, "component \"" + task.spec().id + "\" threw in " + what + ": " + current_exception_text());
  }
  task.hot.gate &= ~kBusy;
  current = before;
  step_start = start_before;
  if (!step_over()) stack_floor = floor_before;
  // What a spout emitted in a timer or a posted function may have its verdict already; nobody waits for it as after `next`.
  if (!task.has_verdicts && !(task.acked_now.empty() && task.failed_now.empty())) {
    task.has_verdicts = true;
    with_verdicts_.push_back(&task);
  }
}

void Loop::open_tasks() {
  set_loop_of_thread(this);
  now = shared.options.clock->now();
  for (auto& owned : tasks) {
    Task& task = *owned;
    const Outside outside(*this, task, "open");
    try {
      if (task.made.external) task.made.external->attach(*task.host);
      if (task.is_spout())
        task.made.spout->open(*task.context);
      else
        task.made.bolt->open(*task.context);
    } catch (...) {
      return shared.give_up("component \"" + task.spec().id + "\" could not be opened: " + current_exception_text());
    }
    if (task.phase == Task::Phase::opening) task.phase = Task::Phase::running;
    if (task.planned().tick_ms != 0) timers_.push({now + task.planned().tick_ms * kMillisecond, &task, true});
    task.host->opened();
  }
  if (shared.loops_open.fetch_add(1) + 1 == shared.loop_count()) shared.wake_all();  // spouts have waited for this
}

bool Loop::round() {
  set_loop_of_thread(this);
  count_step();
  now = shared.options.clock->now();
  bool any = run_posted();
  any |= drain_links();
  if (!blocked_.empty()) check_credits();
  any |= run_tasks();
  any |= run_spouts();
  any |= run_timers();
  any |= run_ready_fds();
  any |= sweep();
  any |= deliver_verdicts();
  announce_credits();
  if (!any) ++idle_epoch_;
  flush(now - kFlushAfter);
  if (stats_due()) publish_stats();
  for (std::uint32_t i = 0; credited_ != 0 && i < shared.loop_count(); ++i)
    if ((credited_ >> (i % 64) & 1) != 0) shared.sleepers[i].wake_for_credit();
  credited_ = 0;
  return any;
}

bool Loop::run_posted() {
  if (!has_posted_.load(std::memory_order_acquire)) return false;
  std::vector<Posted> posted;
  {
    const std::lock_guard lock(posted_mutex_);
    posted.swap(posted_);
    has_posted_.store(false, std::memory_order_release);
  }
  for (Posted& one : posted) one.fn(*this);
  return true;
}

bool Loop::run_tasks() {
  bool any = false;
  stepping_.clear();
  stepping_.swap(ready_);  // what is listed from here on waits for the next round
  for (Task* task : stepping_) {
    if (shared.standstill.is_wanted()) {
      ready_.push_back(task);
      continue;
    }
    task->listed = false;
    any |= step_bolt(*task);
    if (!task->inbox.empty()) list(*task);
  }
  return any;
}

bool Loop::update_cycle_pressure() {
  std::uint64_t remote_cycle = 0;
  for (const TaskId target : cycle_targets_) remote_cycle += credits_[target].bytes_under_way();
  const bool pressed = cycle_bytes_ + remote_cycle > kCycleBytesMax / 2;
  if (pressed == cycle_pressed_) return false;
  cycle_pressed_ = pressed;
  if (shared.cycle_pressure.fetch_add(pressed ? 1 : -1) == 1 && !pressed) shared.wake_all();  // spouts have waited for this
  return true;
}

bool Loop::run_spouts() {
  const bool draining = shared.draining.load(std::memory_order_relaxed);
  update_cycle_pressure();
  if (shared.loops_open.load(std::memory_order_relaxed) < shared.loop_count()) return false;  // somebody is not ready to receive
  drain_seen_ = draining;
  bool any = false;
  for (std::size_t i = 0; i < spouts_.size(); ++i) {
    Task& task = *spouts_[i];
    if (task.phase != Task::Phase::running && task.phase != Task::Phase::finishing) continue;
    if (shared.standstill.is_wanted()) break;
    if (draining && !task.draining) {
      task.draining = true;
      any = true;
    }
    if (!task.draining && !task.exhausted && task.wake_at <= now && shared.cycle_pressure.load(std::memory_order_relaxed) == 0)
      any |= step_spout(task);
    if (task.exhausted || task.draining) any |= finish_if_done(task);
  }
  return any;
}

bool Loop::run_timers() {
  bool any = false;
  while (!timers_.empty() && timers_.top().at <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    Task& task = *timer.task;
    if (task.phase == Task::Phase::closed) continue;
    any = true;
    if (timer.tick) {
      timers_.push({now + task.planned().tick_ms * kMillisecond, &task, true});
      if (task.made.bolt && task.phase == Task::Phase::running) call_component(task, "tick", [&] { task.made.bolt->tick(task); });
    } else {
      call_component(task, "timer", [&] { task.is_spout() ? task.made.spout->timer(task) : task.made.bolt->timer(task); });
    }
    finish_if_done(task);
  }
  return any;
}

bool Loop::run_ready_fds() {
  // One look in 50 µs while busy: a system call a round would cost more than most rounds.
  if (!poller.watching() || now < poll_at_) return false;
  poll_at_ = now + 50 * kMicrosecond;
  std::vector<Poller::Ready> ready;
  poller.wait(0, ready);
  serve(ready);
  return !ready.empty();
}

void Loop::serve(const std::vector<Poller::Ready>& ready) {
  for (const Poller::Ready& one : ready) {
    // An earlier one may have closed this descriptor.
    if (!poller.is_watched(one.fd) || one.task->phase == Task::Phase::closed) continue;
    call_component(*one.task, "a child's messages", [&] { one.task->made.external->ready(one.fd, one.events, *one.task); });
    finish_if_done(*one.task);
  }
  if (!ready.empty()) deliver_verdicts();
}

bool Loop::sweep() {
  if (now < sweep_at_) return false;
  bool any = false;
  Nanoseconds next = kSecond / 10;
  std::vector<AckLedger::Verdict> verdicts;
  for (Task* task : spouts_) {
    task->ledger.sweep(now, verdicts);
    next = std::min(next, task->ledger.sweep_interval());
    for (const AckLedger::Verdict& verdict : verdicts) settle_spout(*task, verdict, kTimeoutReason);
    any |= !verdicts.empty();
    verdicts.clear();
  }
  for (auto& task : tasks)
    if (task->end_by != 0 && now >= task->end_by) {
      finish_if_done(*task);
      any = true;
    }
  sweep_at_ = now + next;
  return any;
}

std::optional<Nanoseconds> Loop::deadline() const {
  std::optional<Nanoseconds> at;
  const auto earlier = [&](Nanoseconds candidate) { at = at ? std::min(*at, candidate) : candidate; };
  bool sweeping = false;
  const bool may_step = shared.loops_open.load(std::memory_order_relaxed) == shared.loop_count() &&
                        shared.cycle_pressure.load(std::memory_order_relaxed) == 0;
  for (const Task* task : spouts_) {
    sweeping |= task->ledger.pending() != 0;
    const bool steps = may_step && task->phase == Task::Phase::running && !task->exhausted && !task->draining &&
                       task->hot.gate == 0 && task->ledger.pending() < task->max_pending;
    if (steps) earlier(task->wake_at);
  }
  for (const auto& task : tasks) sweeping |= task->end_by != 0;
  if (sweeping) earlier(sweep_at_);
  if (!timers_.empty()) earlier(timers_.top().at);
  for (const Task* task : ready_)
    if (task->runs_queued()) earlier(now);
  return at;
}

bool Loop::has_input() const {
  if (has_posted_.load(std::memory_order_acquire)) return true;
  for (const Link* link : in_)
    if (link && link->has_input()) return true;
  return false;
}

bool Loop::must_look() {
  return has_input() || credit_came() || push_waiting() || stats_due() || (shared.draining.load() && !drain_seen_);
}

bool Loop::has_waiting() const {
  return std::any_of(out_.begin(), out_.end(), [](const Link* link) { return link && link->has_waiting(); });
}

void Loop::close_tasks() {
  set_loop_of_thread(this);
  {
    const std::lock_guard lock(posted_mutex_);
    closed_ = true;
  }
  run_posted();  // these were promised to be run
  for (auto& owned : tasks) {
    Task& task = *owned;
    if (task.phase == Task::Phase::opening) continue;
    call_component(task, "close", [&] { task.is_spout() ? task.made.spout->close() : task.made.bolt->close(); });
    task.phase = Task::Phase::closed;
  }
}

bool Loop::post(std::function<void(Loop&)> fn) {
  {
    const std::lock_guard lock(posted_mutex_);
    if (closed_) return false;
    posted_.push_back({nullptr, std::move(fn)});
    has_posted_.store(true, std::memory_order_release);
  }
  shared.sleepers[index].wake();
  return true;
}

bool Loop::post(Task& task, std::function<void(Loop&)> fn) {
  for (;;) {
    Loop& loop = task.loop();
    {
      const std::lock_guard lock(loop.posted_mutex_);
      if (&task.loop() != &loop) continue;  // it has moved meanwhile
      if (loop.closed_) return false;
      loop.posted_.push_back({&task, std::move(fn)});
      loop.has_posted_.store(true, std::memory_order_release);
    }
    loop.shared.sleepers[loop.index].wake();
    return true;
  }
}

void Loop::list(Task& task) {
  if (task.listed) return;
  task.listed = true;
  ready_.push_back(&task);
}

void Loop::start_timer(Task& task, Nanoseconds at) { timers_.push({at, &task, false}); }

void Loop::misuse(Task& task, std::string_view text) {
  ++task.counters.errors;
  complain(task, text);
}

// Storm's throttle: at most 5 in 10 seconds are written out.
void Loop::complain(Task& task, std::string_view text) {
  if (now - task.misuse_since > 10 * kSecond) {
    task.misuse_since = now;
    task.misuse_logged = 0;
  }
  if (++task.misuse_logged > 5) return;
  std::string line(text);
  if (task.misuse_logged == 5) line += " (further errors of this task are only counted for 10 seconds)";
  shared.options.log->write({.level = Level::error, .component = task.spec().id, .task = task.id, .text = line});
}

}  // namespace sparse::worker
