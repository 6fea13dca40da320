// Which tasks should live on another loop: a pure function of measured loads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <sparse/tuple.h>

#include "core/base/clock.h"

namespace sparse::worker {

/// What was measured over one interval. Shares are of one core: 0.5 is half a second of work in each second.
struct TaskLoad {
  TaskId task = 0;
  std::uint32_t loop = 0;
  double busy = 0;      ///< its own work, without that of the tasks it calls
  double tuples = 0;    ///< a second: executed, or emitted by a spout
  bool stays = false;   ///< pinned, blocking, or not open
  bool hungry = false;  ///< a spout that always had something more to emit
  double call = 0;      ///< what one of its calls takes, without the tasks that it calls, in seconds
};
struct EdgeLoad {
  TaskId from = 0, to = 0;
  double tuples = 0;  ///< a second
};
struct LoopLoad {
  double busy = 0;
  bool takes_tasks = true;  ///< false: it is a blocking task's own, or is to be
  bool reserve = false;     ///< for tasks that turn out to block
};
struct LoopLoads {
  Nanoseconds at = 0;
  double cores = 1;     ///< that the worker may use
  double handover = 0;  ///< what a tuple costs each of two loops if it changes from one to the other, in nanoseconds
  std::vector<TaskLoad> tasks;
  std::vector<EdgeLoad> edges;
  std::vector<LoopLoad> loops;  ///< by loop
};

/// Tasks that go together from one loop to another, and the figures that speak for it.
struct LoopMove {
  std::vector<TaskId> tasks;  ///< ascending
  std::uint32_t from = 0, to = 0;
  double busy = 0;      ///< their own work
  double crossing = 0;  ///< tuples a second that will cross from now on
  double gain = 0;      ///< by how much the busier of the two loops is relieved, as a share of what it does now
  bool undoes = false;  ///< takes back a move that did not help

  /// Nanoseconds of work for each tuple that will cross; with none, infinite.
  double work() const;
};

/// What the planner remembers from one plan to the next.
struct MoveHistory {
  /// A move that did not help, and the loads at which it was tried.
  struct Barred {
    std::vector<TaskId> tasks;
    std::uint32_t from = 0, to = 0;
    double work = 0, tuples = 0, handover = 0;
    Nanoseconds way_until = 0;  ///< nothing else goes this way before: it would hardly do better
  };
  /// Moves that are being judged, and the throughput before them.
  struct Trial {
    std::vector<LoopMove> moves;
    std::vector<Barred> bars;  ///< if they do not help
    double before = 0;
    std::vector<double> after;
  };
  struct Moved {
    Nanoseconds until = 0;  ///< not moved again before
    int times = 0;
  };
  std::optional<Trial> trial;
  std::vector<Barred> barred;
  int times_wanted = 0;  ///< in a row; a small gain waits until it was wanted several times
  std::map<TaskId, Moved> moved;
  std::vector<LoopLoads> recent;  ///< the last intervals without a move; their mean is what is planned with
};

struct LoopPlan {
  std::vector<LoopMove> moves;
  MoveHistory history;  ///< if the moves are carried out; else the planner has to be given the former one again
};

inline constexpr double kLoopIsBusy = 0.9;        ///< below this a loop keeps its tasks
inline constexpr double kHandoverOutweighed = 2;  ///< times: the break-even is measured, and drawn too early costs throughput
inline constexpr std::size_t kMovesAtOnce = 4;
inline constexpr Nanoseconds kStaysAtLeast = 10 * kSecond;  ///< doubled each time that a task is moved

/// A task moves, alone or with what it feeds or is fed by on its loop, only if its loop is busy and another has idle time, if its
/// work outweighs twice the hand-over of the tuples that will cross, and if the busier of both loops will have less to do. Of two
/// chains that share nothing but a busy loop, each with a hungry spout, one moves, however little it got to do there.
/// What did not help is undone once, and not tried again before loads have changed.
LoopPlan loop_plan(const LoopLoads& loads, MoveHistory history);

}  // namespace sparse::worker
