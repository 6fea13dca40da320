#include "worker/execution/loop_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace sparse::worker {
namespace {

constexpr double kGainLeast = 0.03;    // below it a prediction says nothing
constexpr double kGainSure = 0.3;      // what moves at once; less has to be wanted several times, for one interval may be odd
constexpr double kGainFair = 0.1;      // three times; a smaller one six times
constexpr std::size_t kRecent = 6;     // intervals of which the mean is planned with
constexpr double kOverheadMost = 1.5;  // times the work of the tasks
constexpr double kHelped = 1.02;       // times the throughput before
constexpr std::size_t kJudgedBy = 3;   // intervals
constexpr Nanoseconds kWayRests = 60 * kSecond;
constexpr double kWorthMoving = 0.02;    // of a core
constexpr std::size_t kTargetsMost = 2;  // least busy loops that are tried for each task
constexpr Nanoseconds kStaysAtMost = 600 * kSecond;

double throughput_of(const LoopLoads& loads) {
  return std::accumulate(loads.tasks.begin(), loads.tasks.end(), 0.0,
                         [](double sum, const TaskLoad& task) { return sum + task.tuples; });
}

double mean(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

bool same_places(const LoopLoads& a, const LoopLoads& b) {
  return a.loops.size() == b.loops.size() &&
         std::equal(a.tasks.begin(), a.tasks.end(), b.tasks.begin(), b.tasks.end(),
                    [](const TaskLoad& x, const TaskLoad& y) { return x.task == y.task && x.loop == y.loop; });
}

/// Of intervals with the same tasks in the same places, not none; all else as in the last.
LoopLoads mean_of(const std::vector<LoopLoads>& intervals) {
  LoopLoads mean = intervals.back();
  const double share = 1 / static_cast<double>(intervals.size());
  for (std::size_t i = 0; i < mean.tasks.size(); ++i) {
    mean.tasks[i].busy = mean.tasks[i].tuples = 0;
    for (const LoopLoads& one : intervals) {
      mean.tasks[i].busy += one.tasks[i].busy * share;
      mean.tasks[i].tuples += one.tasks[i].tuples * share;
    }
  }
  for (std::size_t i = 0; i < mean.loops.size(); ++i) {
    mean.loops[i].busy = 0;
    for (const LoopLoads& one : intervals) mean.loops[i].busy += one.loops[i].busy * share;
  }
  std::map<std::pair<TaskId, TaskId>, double> edges;
  for (const LoopLoads& one : intervals)
    for (const EdgeLoad& edge : one.edges) edges[{edge.from, edge.to}] += edge.tuples * share;
  mean.edges.clear();
  for (const auto& [ends, tuples] : edges) mean.edges.push_back({ends.first, ends.second, tuples});
  return mean;
}

bool differ(double a, double b, double factor) {
  const double low = std::min(a, b), high = std::max(a, b);
  return high > low * factor;
}

/// The loads with the moves of this plan done, and what is looked up often.
class Picture {
 public:
  explicit Picture(const LoopLoads& loads) : loads_(loads) {
    for (std::size_t i = 0; i < loads_.tasks.size(); ++i) index_[loads_.tasks[i].task] = i;
    links_.resize(loads_.tasks.size());
    for (const EdgeLoad& edge : loads_.edges) {
      const auto from = index_.find(edge.from), to = index_.find(edge.to);
      if (from == index_.end() || to == index_.end() || from->second == to->second) continue;
      links_[from->second].push_back({to->second, edge.tuples, true});
      links_[to->second].push_back({from->second, edge.tuples, false});
    }
    for (const LoopLoad& loop : loads_.loops) was_busy_.push_back(loop.takes_tasks && loop.busy >= kLoopIsBusy);
    // What the engine does for the tasks of a loop goes with them.
    for (std::uint32_t loop = 0; loop < loads_.loops.size(); ++loop) {
      const double sum = work_on(loop);
      const double factor = sum > 0 ? std::min(kOverheadMost, loads_.loops[loop].busy / sum) : 1;
      for (TaskLoad& task : loads_.tasks)
        if (task.loop == loop) task.busy *= factor;
    }
  }

  const std::vector<TaskLoad>& tasks() const { return loads_.tasks; }
  bool was_busy(std::uint32_t loop) const { return was_busy_[loop]; }
  double busiest() const {
    double busiest = 0;
    for (const LoopLoad& loop : loads_.loops)
      if (loop.takes_tasks) busiest = std::max(busiest, loop.busy);
    return busiest;
  }

  /// `start` and all that it feeds (or that feed it), directly or not, on its own loop.
  std::vector<std::size_t> together(std::size_t start, bool downstream) const {
    std::vector<std::size_t> members{start};
    std::vector<bool> inside(links_.size());
    inside[start] = true;
    for (std::size_t at = 0; at < members.size(); ++at)
      for (const Link& link : links_[members[at]]) {
        const bool follows = link.is_output == downstream && link.tuples > 0 && !inside[link.other];
        if (!follows || loads_.tasks[link.other].loop != loads_.tasks[start].loop) continue;
        inside[link.other] = true;
        members.push_back(link.other);
      }
    return members;
  }

  /// The move with its figures; a gain of less than kGainLeast, or of nothing, if it is not worth it.
  LoopMove evaluate(const std::vector<std::size_t>& members, std::uint32_t to) const {
    const std::uint32_t from = loads_.tasks[members[0]].loop;
    LoopMove move{.tasks = {}, .from = from, .to = to};
    double ended = 0;  // tuples a second that cross now and will not
    std::size_t hungry = 0;
    std::vector<bool> inside(links_.size());
    for (const std::size_t member : members) inside[member] = true;
    for (const std::size_t member : members) {
      move.tasks.push_back(loads_.tasks[member].task);
      move.busy += loads_.tasks[member].busy;
      hungry += loads_.tasks[member].hungry ? 1 : 0;
      for (const Link& link : links_[member]) {
        if (inside[link.other]) continue;
        const std::uint32_t loop = loads_.tasks[link.other].loop;
        if (loop == from) move.crossing += link.tuples;
        if (loop == to) ended += link.tuples;
      }
    }
    std::sort(move.tasks.begin(), move.tasks.end());
    if (move.crossing == 0 && hungry > 0 && hungry < hungry_on(from)) {
      // Both will do more than now: how much more is not known, but that half of the idle time will be used is not too bold.
      move.gain = (1 - loads_.loops[to].busy) / 2;
      return move;
    }
    // The hand-over counts twice, and what is saved of it half: errors of the estimate shall speak for leaving things as they
    // are.
    const double cost = (kHandoverOutweighed * move.crossing - ended / 2) * loads_.handover * 1e-9;
    const double rest = work_on(from) - move.busy;  // a loop that gives away all that it does gains nothing
    if (move.busy < kWorthMoving || rest < kWorthMoving || move.work() < kHandoverOutweighed * loads_.handover) return move;
    const double here = loads_.loops[from].busy - move.busy + cost, there = loads_.loops[to].busy + move.busy + cost;
    const double total = std::accumulate(loads_.loops.begin(), loads_.loops.end(), 2 * cost,
                                         [](double sum, const LoopLoad& loop) { return sum + loop.busy; });
    if (total <= loads_.cores) move.gain = 1 - std::max(here, there) / loads_.loops[from].busy;
    return move;
  }

  void apply(const LoopMove& move) {
    for (const TaskId task : move.tasks) loads_.tasks[index_.at(task)].loop = move.to;
    loads_.loops[move.from].busy -= move.busy;
    loads_.loops[move.to].busy += move.busy + move.crossing * loads_.handover * 1e-9;
  }

  /// Loops that take tasks, the least busy ones first.
  std::vector<std::uint32_t> targets() const {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < loads_.loops.size(); ++i)
      if (loads_.loops[i].takes_tasks) order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return loads_.loops[a].busy < loads_.loops[b].busy; });
    return order;
  }

 private:
  struct Link {
    std::size_t other;
    double tuples;
    bool is_output;
  };
  std::size_t hungry_on(std::uint32_t loop) const {
    return static_cast<std::size_t>(std::count_if(loads_.tasks.begin(), loads_.tasks.end(),
                                                  [&](const TaskLoad& task) { return task.loop == loop && task.hungry; }));
  }
  double work_on(std::uint32_t loop) const {
    double sum = 0;
    for (const TaskLoad& task : loads_.tasks)
      if (task.loop == loop) sum += task.busy;
    return sum;
  }

  LoopLoads loads_;
  std::map<TaskId, std::size_t> index_;
  std::vector<std::vector<Link>> links_;
  std::vector<bool> was_busy_;  ///< before the moves of this plan
};

double work_of(const LoopLoads& loads, const std::vector<TaskId>& tasks, double& tuples) {
  double busy = 0;
  tuples = 0;
  for (const TaskLoad& task : loads.tasks)
    if (std::find(tasks.begin(), tasks.end(), task.task) != tasks.end()) {
      busy += task.busy;
      tuples += task.tuples;
    }
  return tuples == 0 ? 0 : busy * 1e9 / tuples;
}

/// Loads that have changed enough make a move worth another try.
void lift_bars(const LoopLoads& loads, MoveHistory& history) {
  std::erase_if(history.barred, [&](const MoveHistory::Barred& bar) {
    double tuples = 0;
    const double work = work_of(loads, bar.tasks, tuples);
    return differ(work, bar.work, 1.5) || differ(tuples, bar.tuples, 2) || differ(loads.handover, bar.handover, 1.5);
  });
}

bool is_barred(const MoveHistory& history, const LoopMove& move, Nanoseconds now) {
  return std::any_of(history.barred.begin(), history.barred.end(), [&](const MoveHistory::Barred& bar) {
    return bar.from == move.from && bar.to == move.to && (bar.tasks == move.tasks || now < bar.way_until);
  });
}

void note_moved(const LoopLoads& loads, MoveHistory& history, const LoopMove& move) {
  for (const TaskId task : move.tasks) {
    MoveHistory::Moved& moved = history.moved[task];
    moved.until = loads.at + std::min(kStaysAtMost, kStaysAtLeast << std::min(moved.times, 6));
    ++moved.times;
  }
}

/// True while the moves made last are being judged. Those that did not help are given back, to be undone.
bool judge(const LoopLoads& loads, MoveHistory& history, std::vector<LoopMove>& undo) {
  if (!history.trial) return false;
  MoveHistory::Trial& trial = *history.trial;
  trial.after.push_back(throughput_of(loads));
  const bool still_busy = std::any_of(loads.loops.begin(), loads.loops.end(),
                                      [](const LoopLoad& loop) { return loop.takes_tasks && loop.busy >= kLoopIsBusy; });
  // Without a busy loop it is the source that sets the pace.
  const bool helped = mean(trial.after) >= trial.before * kHelped || !still_busy;
  if (!helped && trial.after.size() < kJudgedBy) return true;
  if (!helped)
    for (std::size_t i = trial.moves.size(); i-- > 0;) {
      history.barred.push_back(trial.bars[i]);
      history.barred.back().way_until = loads.at + kWayRests;
      LoopMove back = trial.moves[i];
      std::swap(back.from, back.to);
      back.gain = mean(trial.after) / std::max(1.0, trial.before) - 1;
      back.undoes = true;
      undo.push_back(std::move(back));
    }
  history.trial.reset();
  return false;
}

std::optional<LoopMove> best_move(const Picture& picture, const MoveHistory& history, Nanoseconds now,
                                  const std::vector<TaskId>& taken) {
  const auto may_move = [&](std::size_t member) {
    const TaskLoad& task = picture.tasks()[member];
    const auto moved = history.moved.find(task.task);
    return !task.stays && (moved == history.moved.end() || moved->second.until <= now) &&
           std::find(taken.begin(), taken.end(), task.task) == taken.end();
  };
  std::optional<LoopMove> best;
  const std::vector<std::uint32_t> targets = picture.targets();
  const auto try_set = [&](const std::vector<std::size_t>& members) {
    if (!std::all_of(members.begin(), members.end(), may_move)) return;
    std::size_t tried = 0;
    for (const std::uint32_t to : targets) {
      if (to == picture.tasks()[members[0]].loop) continue;
      if (++tried > kTargetsMost) break;
      LoopMove move = picture.evaluate(members, to);
      if (move.gain < kGainLeast || is_barred(history, move, now)) continue;
      const bool better =
          !best || move.gain > best->gain + 1e-9 || (move.gain > best->gain - 1e-9 && move.crossing < best->crossing);
      if (better) best = std::move(move);
    }
  };
  for (std::size_t i = 0; i < picture.tasks().size(); ++i) {
    const TaskLoad& task = picture.tasks()[i];
    if (!picture.was_busy(task.loop) || (task.busy < kWorthMoving && !task.hungry)) continue;
    try_set({i});
    try_set(picture.together(i, true));
    try_set(picture.together(i, false));
  }
  return best;
}

void begin_trial(const LoopLoads& loads, MoveHistory& history, const std::vector<LoopMove>& moves) {
  MoveHistory::Trial trial{.moves = moves, .bars = {}, .before = throughput_of(mean_of(history.recent)), .after = {}};
  for (const LoopMove& move : moves) {
    note_moved(loads, history, move);
    double tuples = 0;
    const double work = work_of(loads, move.tasks, tuples);
    trial.bars.push_back({move.tasks, move.from, move.to, work, tuples, loads.handover, 0});
  }
  history.trial = std::move(trial);
  history.recent.clear();
  history.times_wanted = 0;
}

int times_to_want(double relief) { return relief >= kGainSure ? 1 : relief >= kGainFair ? 3 : 6; }

}  // namespace

double LoopMove::work() const { return crossing > 0 ? busy * 1e9 / crossing : std::numeric_limits<double>::infinity(); }

LoopPlan loop_plan(const LoopLoads& loads, MoveHistory history) {
  LoopPlan plan;
  const bool judging = judge(loads, history, plan.moves);
  if (judging || !plan.moves.empty()) {
    for (const LoopMove& move : plan.moves) note_moved(loads, history, move);
    history.times_wanted = 0;
    history.recent.clear();
    plan.history = std::move(history);
    return plan;
  }
  lift_bars(loads, history);
  if (!history.recent.empty() && !same_places(history.recent.back(), loads)) history.recent.clear();
  history.recent.push_back(loads);
  if (history.recent.size() > kRecent) history.recent.erase(history.recent.begin());
  Picture picture(mean_of(history.recent));
  const double busiest = picture.busiest();
  std::vector<TaskId> taken;
  while (plan.moves.size() < kMovesAtOnce) {
    auto move = best_move(picture, history, loads.at, taken);
    if (!move) break;
    taken.insert(taken.end(), move->tasks.begin(), move->tasks.end());
    picture.apply(*move);
    plan.moves.push_back(std::move(*move));
  }
  history.times_wanted = plan.moves.empty() ? 0 : history.times_wanted + 1;
  const double gain = plan.moves.empty() ? 0 : std::max(plan.moves[0].gain, 1 - picture.busiest() / busiest);
  if (history.times_wanted < times_to_want(gain)) plan.moves.clear();
  if (!plan.moves.empty()) begin_trial(loads, history, plan.moves);
  plan.history = std::move(history);
  return plan;
}

}  // namespace sparse::worker
