#include "worker/execution/balancer.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "worker/execution/handover.h"
#include "worker/execution/moves.h"

namespace sparse::worker {
namespace {

constexpr Nanoseconds kEvery = kSecond;
constexpr Nanoseconds kGatherWithin = kSecond / 2;  // a loop answers between two calls, which may be slow ones
constexpr Nanoseconds kStopForBlocking = kSecond / 2;
constexpr Nanoseconds kPutOffAtMost = 64 * kSecond;
constexpr Nanoseconds kMeasuredFor = 30 * kSecond;  // a virtual machine's cores come nearer and go apart
constexpr double kHandoverAtBest = 20;              // nanoseconds; assumed until it is measured, which is before any move

/// What the loops give in their own time; outlives a look that does not wait for all of them.
struct Gathering {
  explicit Gathering(std::size_t loops) : samples(loops) {}
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<LoopSample> samples;
  std::size_t arrived = 0;
};

}  // namespace

bool Balancer::may_move() const {
  return shared_.plan.placement.workers == 1 && (has_choice() || shared_.plan.placement.reserve_loops > 0) &&
         shared_.loops_open.load() == shared_.loop_count();
}

/// Between loops that share their tasks.
bool Balancer::has_choice() const { return shared_.plan.placement.shared_loops > 1 && shared_.cores > 1; }

/// Without one there is nothing to gain, and nobody is woken to be asked.
bool Balancer::somebody_is_busy(Nanoseconds now) {
  bool busy = false;
  idle_before_.resize(loops_.size());
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    const Nanoseconds idle = loops_[i]->idle(now);
    if (looked_at_ == 0 || idle - idle_before_[i] < (now - looked_at_) / 2) busy = true;
    idle_before_[i] = idle;
  }
  looked_at_ = now;
  return busy;
}

std::optional<std::vector<LoopSample>> Balancer::sample() {
  const auto gathering = std::make_shared<Gathering>(loops_.size());
  for (std::size_t i = 0; i < loops_.size(); ++i)
    if (!loops_[i]->post([gathering, i](Loop& loop) {
          LoopSample sample = sample_of(loop);
          const std::lock_guard lock(gathering->mutex);
          gathering->samples[i] = std::move(sample);
          ++gathering->arrived;
          gathering->changed.notify_all();
        }))
      return std::nullopt;
  std::unique_lock lock(gathering->mutex);
  if (!gathering->changed.wait_for(lock, std::chrono::nanoseconds(kGatherWithin),
                                   [&] { return gathering->arrived == loops_.size(); }))
    return std::nullopt;
  return std::move(gathering->samples);
}

void Balancer::look() {
  const Nanoseconds now = shared_.options.clock->now();
  if (!may_move() || now < plan_at_) return;
  if (!somebody_is_busy(now) && !history_.trial) {
    before_.clear();
    remember({});
    return;
  }
  if (clock_cost_ < 0) clock_cost_ = measure_clock(*shared_.options.clock);
  auto samples = sample();
  plan_at_ = now + kEvery;
  if (!samples) return before_.clear();
  LoopLoads loads = loads_between(before_, *samples, clock_cost_);
  before_ = std::move(*samples);
  if (loads.tasks.empty()) return;
  remember(loads);
  if (!give_own_loops(loads) && has_choice()) plan(std::move(loads));
}

/// True if tasks block, whether they could be moved or not: loads that are theirs are nothing to plan with.
bool Balancer::give_own_loops(const LoopLoads& loads) {
  const std::vector<BlockingMove> wanted = blocking_plan(loads, blocking_);
  if (wanted.empty()) return false;
  if (loads.at < wait_) return true;
  double longest = 0;
  std::vector<TaskMove> moves;
  for (const BlockingMove& move : wanted) {
    moves.push_back({move.task, move.to});
    longest = std::max(longest, move.call);
  }
  // Their loops stop when the call is over. All others wait that long once, instead of again and again.
  const auto stop_within =
      std::min(kStopForBlocking, kStopAtMost + static_cast<Nanoseconds>(2 * longest * static_cast<double>(kSecond)));
  {
    const std::lock_guard no_figures(gathering_);
    if (!shared_.while_standing(stop_within, [&] { move_tasks(shared_, loops_, moves); })) {
      put_off(loads.at);
      return true;
    }
  }
  history_.trial.reset();  // what it is judged by has changed
  history_.recent.clear();
  backoff_ = 0;
  before_.clear();
  plan_at_ = loads.at + kEvery / 4;
  for (const BlockingMove& move : wanted) log_move(move);
  return true;
}

void Balancer::remember(const LoopLoads& loads) {
  const std::lock_guard lock(gathering_);
  loads_.clear();
  for (const TaskLoad& task : loads.tasks) loads_[task.task] = task.busy;
}

void Balancer::plan(LoopLoads loads) {
  loads.cores = shared_.cores;
  const bool fresh = handover_ && loads.at - measured_at_ < kMeasuredFor;
  loads.handover = fresh ? *handover_ : kHandoverAtBest;
  LoopPlan wanted = loop_plan(loads, history_);
  if (wanted.moves.empty()) {
    history_ = std::move(wanted.history);
    return;
  }
  if (loads.at < wait_) return;
  carry_out(loads);
}

void Balancer::carry_out(const LoopLoads& wanted) {
  std::optional<std::vector<LoopMove>> moved;
  {
    const std::lock_guard no_figures(gathering_);
    shared_.while_standing(kStopAtMost, [&] { moved = move_standing(wanted); });
  }
  if (!moved) return put_off(wanted.at);
  backoff_ = 0;
  for (const LoopMove& move : *moved) log_move(move);
}

/// The loops stand, so two cores are free to measure on; what is wanted still is done. Nothing if it could not be measured.
std::optional<std::vector<LoopMove>> Balancer::move_standing(const LoopLoads& wanted) {
  const auto measured = measure_handover();
  if (!measured) return std::nullopt;
  handover_ = measured;
  measured_at_ = wanted.at;
  LoopLoads loads = wanted;
  loads.handover = *measured;
  LoopPlan plan = loop_plan(loads, history_);
  history_ = std::move(plan.history);
  std::vector<TaskMove> moves;
  for (const LoopMove& move : plan.moves)
    for (const TaskId task : move.tasks) moves.push_back({task, move.to});
  if (moves.empty()) return plan.moves;
  move_tasks(shared_, loops_, moves);
  before_.clear();
  plan_at_ = wanted.at + kEvery / 4;  // begin to measure again
  return plan.moves;
}

void Balancer::put_off(Nanoseconds now) {
  backoff_ = std::clamp(2 * backoff_, kEvery, kPutOffAtMost);
  wait_ = now + backoff_;
  shared_.options.log->write(
      {.level = Level::debug,
       .text = fmt::format("tasks could move to another loop, but the loops did not stop in time; tried again in {} s",
                           backoff_ / kSecond)});
}

void Balancer::log_move(const LoopMove& move) const {
  std::string tasks;
  for (const TaskId task : move.tasks)
    tasks += fmt::format("{}{} of \"{}\"", tasks.empty() ? "task " : ", ", task,
                         shared_.plan.topology.components[shared_.plan.component_of[task]].id);
  std::string why;
  if (move.undoes)
    why = fmt::format("back again: throughput was {:+.0f} % after they had moved", move.gain * 100);
  else if (move.crossing > 0)
    why = fmt::format(
        "loop {} is busy, their work is {:.2f} of a core, {:.0f} ns for each of {:.0f} tuples/s that cross from now on at "
        "{:.0f} ns; {:.0f} % are gained",
        move.from, move.busy, move.work(), move.crossing, *handover_, move.gain * 100);
  else
    why = fmt::format("loop {} is busy, their work is {:.2f} of a core, and nothing of theirs will cross; {:.0f} % are gained",
                      move.from, move.busy, move.gain * 100);
  shared_.options.log->write({.text = fmt::format("moved {} from loop {} to loop {} ({})", tasks, move.from, move.to, why)});
}

void Balancer::log_move(const BlockingMove& move) const {
  const std::string& id = shared_.plan.topology.components[shared_.plan.component_of[move.task]].id;
  shared_.options.log->write(
      {.component = id,
       .text = fmt::format("task {} takes {:.1f} ms a call: moved from loop {} to loop {}, which is for such tasks; with "
                           "\"blocking: true\" it has one of its own from the start",
                           move.task, move.call * 1e3, move.from, move.to)});
}

}  // namespace sparse::worker
