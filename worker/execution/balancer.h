// Looks at the loads of the loops once a second, and moves tasks as loop_plan says.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "worker/execution/blocking_plan.h"
#include "worker/execution/loads.h"
#include "worker/execution/loop.h"
#include "worker/execution/loop_plan.h"

namespace sparse::worker {

/// Thread rule: all calls from one thread, which runs no loop. A shell: loads.h measures, loop_plan.h decides, moves.h moves.
class Balancer {
 public:
  /// `gathering` is held by those who put together figures of all loops: no task moves meanwhile.
  Balancer(WorkerShared& shared, const std::vector<std::unique_ptr<Loop>>& loops, std::mutex& gathering)
      : shared_(shared), loops_(loops), gathering_(gathering) {}

  /// To be called several times a second while the loops run.
  void look();
  /// The task's own work as measured last, as a share of a core. Any thread that holds `gathering`.
  double load_of(TaskId task) const {
    const auto found = loads_.find(task);
    return found == loads_.end() ? 0 : found->second;
  }

 private:
  bool may_move() const;
  bool has_choice() const;
  bool somebody_is_busy(Nanoseconds now);
  std::optional<std::vector<LoopSample>> sample();
  void remember(const LoopLoads& loads);
  bool give_own_loops(const LoopLoads& loads);
  void plan(LoopLoads loads);
  void carry_out(const LoopLoads& wanted);
  std::optional<std::vector<LoopMove>> move_standing(const LoopLoads& wanted);
  void put_off(Nanoseconds now);
  void log_move(const LoopMove& move) const;
  void log_move(const BlockingMove& move) const;

  WorkerShared& shared_;
  const std::vector<std::unique_ptr<Loop>>& loops_;
  std::mutex& gathering_;
  MoveHistory history_;
  BlockingHistory blocking_;
  std::map<TaskId, double> loads_;
  std::vector<LoopSample> before_;
  std::vector<Nanoseconds> idle_before_;
  Nanoseconds looked_at_ = 0, plan_at_ = 0, measured_at_ = 0, wait_ = 0, backoff_ = 0;
  Nanoseconds clock_cost_ = -1;
  std::optional<double> handover_;  ///< as measured last
};

}  // namespace sparse::worker
