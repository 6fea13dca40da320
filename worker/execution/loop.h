// A loop: steps the tasks that live on it, one after the other, on one thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/log/log.h"
#include "worker/execution/link.h"
#include "worker/execution/poller.h"
#include "worker/execution/standstill.h"
#include "worker/execution/task.h"

namespace sparse::worker {

struct PeerAttemptRecord;

/// What the loops of a worker share. Read-only after the worker was built, but for the atomics, and for what is changed while all
/// loops stand still.
struct WorkerShared {
  Plan plan;
  WorkerOptions options;
  std::atomic<std::uint64_t> batch_bytes{0};
  std::atomic<std::uint32_t> loops_open{0};  ///< loops whose tasks are all open
  std::atomic<std::uint32_t> tasks_ended{0};
  std::atomic<std::uint32_t> spouts_ended{0};
  std::atomic<bool> draining{false};
  std::atomic<bool> stopping{false};
  std::atomic<int> spinners{0};
  std::atomic<int> cycle_pressure{0};  ///< loops with much waiting on edges that close a cycle: spouts pause
  std::atomic<std::uint64_t> frames_lost{0}, frames_refused{0};
  std::unique_ptr<Sleeper[]> sleepers;       ///< by loop, then the port
  std::vector<std::unique_ptr<Link>> links;  ///< between its loops; none to a loop that has never had a task
  Standstill standstill;
  std::uint32_t local_tasks = 0, local_spouts = 0;
  bool stops_when_ended = false;  ///< its threads have nothing more to do then
  int cores = 1;

  std::uint32_t loop_count() const { return plan.placement.loops; }
  bool is_local(std::uint32_t global_loop) const { return global_loop / loop_count() == options.index; }
  void give_up(std::string reason);
  std::optional<Error> failure() const;
  void wake_all();
  /// From a thread that runs no loop: does `work` while all loops stand. False, without it, if they do not all stand in time.
  bool while_standing(Nanoseconds at_most, const std::function<void()>& work);

 private:
  mutable std::mutex failure_mutex_;
  std::optional<Error> failure_;
};

inline constexpr std::uint64_t kOvershootBytes = 256u << 20;  ///< what the batches of a worker may hold beyond all credits
inline constexpr Nanoseconds kStepBudget = kMillisecond;
inline constexpr Nanoseconds kFlushAfter = 100 * kMicrosecond;

/// Thread rule: all but `post` and `request_stats` on the loop's thread (in manual mode: on the only one).
class Loop {
 public:
  Loop(WorkerShared& shared, std::uint32_t index);
  ~Loop();

  // Building, before any thread runs.
  Task& add_task(TaskId id);
  void connect(std::uint32_t link, Link* to, Link* from);  ///< link: local loop, or loop_count() + worker
  bool is_linked(std::uint32_t loop) const { return in_[loop] != nullptr; }
  void add_lines();                                                           ///< once all tasks of this loop are there
  std::optional<Error> wire(const std::function<Task*(TaskId)>& local_task);  ///< once all loops have their lines

  // Running.
  void open_tasks();
  /// One round; false if there was nothing to do.
  bool round();
  /// Sends everything that is not sent yet. True if there was something.
  bool flush_all() { return flush(std::numeric_limits<Nanoseconds>::max()); }
  /// When something is due without input from outside.
  std::optional<Nanoseconds> deadline() const;
  bool has_input() const;
  /// Gives descriptors that are ready to their components.
  void serve(const std::vector<Poller::Ready>& ready);
  /// It may be another loop's doing that it can go on: credit, room in a ring, the end of pressure on a cycle.
  bool waits_for_others() const { return !blocked_.empty() || has_waiting() || cycle_pressed_; }
  /// Once it has said that it sleeps: something has happened that nobody woke it for, since it was awake still.
  bool must_look();
  /// Manual mode, when nothing is under way: what is not back where it belongs. Takes back the batches that have been returned.
  void append_leftovers(std::vector<std::string>& to);
  void close_tasks();

  /// Runs `fn` in a later round. Any thread. False once the loop is closed.
  bool post(std::function<void(Loop&)> fn);
  /// The same on the loop of `task`, wherever that is by then.
  static bool post(Task& task, std::function<void(Loop&)> fn);

  // Moving tasks (moves.cc): while no loop runs, in this order, each for all loops before the next.
  bool take_all();                        ///< brings in what is under way to here; true if there was something
  void hand_over(TaskId task, Loop& to);  ///< the task with all that is its own
  void list_tasks();                      ///< makes the lists anew that hold tasks of this loop
  void aim_tasks(const std::function<Task*(TaskId)>& local_task);  ///< what these tasks know of where their targets are
  void count_credits(const std::function<Loop&(std::uint32_t)>& loop_of);

  // What the loop did not work, for others to look at.
  void begin_idle(Nanoseconds at) { idle_since_.store(at, std::memory_order_relaxed); }
  void end_idle(Nanoseconds at) {
    idle_.store(idle_.load(std::memory_order_relaxed) + at - idle_since_.load(std::memory_order_relaxed),
                std::memory_order_relaxed);
    idle_since_.store(0, std::memory_order_relaxed);
  }
  /// Any thread: so far.
  Nanoseconds idle(Nanoseconds at) const {
    const Nanoseconds since = idle_since_.load(std::memory_order_relaxed);
    return idle_.load(std::memory_order_relaxed) + (since == 0 ? 0 : std::max(Nanoseconds{0}, at - since));
  }

  // Counters are plain numbers of the loop's thread: it copies them out when they are wanted.
  bool stats_due() const { return stats_wanted_.load(std::memory_order_relaxed); }
  void publish_stats();
  void want_stats();                    ///< any thread
  std::uint64_t stats_version() const;  ///< any thread
  /// Any thread: waits for a version later than `after`, at most this long, then appends the newest.
  void append_stats(std::vector<TaskStats>& to, std::uint64_t after, Nanoseconds at_most) const;

  // For the parts of the loop in other files (emit, steps, ends, tasks' contexts).
  WorkerShared& shared;
  const std::uint32_t index;         ///< in the worker
  const std::uint32_t global_index;  ///< through all workers
  Nanoseconds now = 0;               ///< read once a round, and where a step has been seen to take long
  Random random;
  BatchPool pool;
  Current* current = nullptr;
  std::string reason;              ///< of the failure in `current`
  std::uintptr_t stack_floor = 0;  ///< direct calls only above; see begin_step
  Nanoseconds step_start = 0;
  std::vector<std::unique_ptr<Task>> tasks;
  Poller poller;
  Task* outside_task = nullptr;  ///< in a call that is neither `execute` nor `next`, for reports
  const char* outside_call = nullptr;
  std::atomic<std::uint32_t> steps_begun{0};  ///< begun; the watchdog looks whether it goes on

  /// What is called outside of `execute` and `next`, as long as this lives.
  struct Outside {
    Outside(Loop& on, Task& task, const char* what) : loop(on), task_before(on.outside_task), call_before(on.outside_call) {
      loop.outside_task = &task;
      loop.outside_call = what;
      loop.count_step();
    }
    ~Outside() {
      loop.outside_task = task_before;
      loop.outside_call = call_before;
    }
    Outside(const Outside&) = delete;
    Outside& operator=(const Outside&) = delete;
    Loop& loop;
    Task* const task_before;
    const char* const call_before;
  };
  void count_step() { steps_begun.store(steps_begun.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }

  /// A step is bounded: after kStepBudget no more direct calls are made, so that it comes to its end.
  void begin_step();
  void end_step_early() { stack_floor = std::numeric_limits<std::uintptr_t>::max(); }
  bool step_over() const { return stack_floor == std::numeric_limits<std::uintptr_t>::max(); }
  /// Calls into a component outside of `execute` and `next`: nothing is current, and it is not called again meanwhile.
  void call_component(Task& task, const char* what, const std::function<void()>& call);

  void list(Task& task);
  /// Appends the anchors for a tuple that leaves the stack: opens slots, draws edges.
  void anchor(Anchor* anchors, std::uint32_t target_worker);
  void settle(const Tree& tree, bool failed, std::string_view reason);
  void settle_spout(Task& spout, const AckLedger::Verdict& verdict, std::string_view reason);
  bool deliver_verdicts();  ///< true if there were any
  void deliver_verdicts(Task& spout);

  void queue_here(Task& to, const RecordHead& head, const Cell* cells, std::size_t size);
  void send(const Target& to, const RecordHead& head, const Cell* cells, std::size_t size);
  char* control_room(std::uint32_t link, std::size_t whole);
  void append_control(std::uint32_t link, const void* record, std::size_t size, std::string_view tail = {});
  void append_ack(std::uint32_t link, const Tree& tree);
  /// The target is out of credit, or its inbox is full: the tasks of this loop that emit to it are not stepped.
  void block(TaskId full);
  void unblock(TaskId full);
  bool cycle_is_full(const Target& target) const;

  void start_timer(Task& task, Nanoseconds at);
  void on_input_ended(Task& task, TaskId source);
  void hold(Task& task, TaskId source);
  void release(Task& task, TaskId source);
  void misuse(Task& task, std::string_view text);    ///< a wrong call: counted as an error of the task, and logged
  void complain(Task& task, std::string_view text);  ///< only logged
  std::uint32_t link_to(std::uint32_t global_loop) const {
    return shared.is_local(global_loop) ? global_loop % shared.loop_count()
                                        : shared.loop_count() + global_loop / shared.loop_count();
  }
  std::uint32_t link_of(TaskId task) const { return link_to(shared.plan.loop_of[task]); }
  std::uint16_t attempt_of(std::uint32_t worker) const { return peer_attempts_[worker]; }

 private:
  struct Timer {
    Nanoseconds at;
    Task* task;
    bool tick;
    bool operator>(const Timer& other) const { return at > other.at; }
  };

  struct Posted {
    Task* task = nullptr;  ///< which it goes with; null: the loop's own
    std::function<void(Loop&)> fn;
  };

  // wiring.cc
  void add_lines(Task& task);
  void aim(Task& task, Edge& wired, const PlanEdge& edge, const std::function<Task*(TaskId)>& local_task);
  std::optional<Error> wire_edge(Task& task, OutStream& stream, const PlanEdge& edge,
                                 const std::function<Task*(TaskId)>& local_task);
  // loop.cc
  bool run_posted();
  bool drain_links();
  bool run_tasks();
  bool run_spouts();
  bool run_timers();
  bool run_ready_fds();
  bool sweep();
  bool update_cycle_pressure();  ///< true if it has changed
  // step.cc
  void dispatch(Task& to, Record& record);
  void execute_queued(Task& to, Record& record);
  void execute_manual(Task& to, Record& record, Current& current);
  void return_credit(Task& to, const Record& record);
  void keep_held(Task& task, Held& held, const Record& record);
  bool step_bolt(Task& task);
  bool step_spout(Task& task);
  Next call_next(Task& task, int most, int& calls);
  // links.cc
  void take_batch(BatchPtr batch);
  void came_in(Task& to, TaskId source);
  void note_transfer(const Batch& batch);
  void take_control(BatchPtr batch);
  void on_peer_attempt(const PeerAttemptRecord& record);
  void give(BatchPtr batch);
  bool flush(Nanoseconds opened_before);
  void take_later(BatchPtr batch);
  bool push_waiting();
  bool has_waiting() const;
  void check_credits();
  bool credit_came();
  void announce_credits();
  // ends.cc
  void resend_ends(std::uint32_t worker);
  void end(Task& task);
  void send_end(Task& task, const Target& target);
  template <class F>
  void for_each_channel(Task& task, F&& use);
  bool finish_if_done(Task& task);  ///< true if it went a step towards its end

  detail::Hot closed_gate_;      ///< where outputs without a direct target point to
  std::vector<Link*> out_, in_;  ///< by link; null: none
  std::vector<Credit> credits_;  ///< by target task
  std::vector<std::unique_ptr<CreditLine>> mirrors_;
  std::vector<TaskId> blocked_;              ///< targets out of credit
  std::vector<std::vector<Task*>> senders_;  ///< by target task: tasks of this loop that emit to it, cycles left out
  std::vector<Task*> ready_;                 ///< tasks with something in the inbox
  std::vector<Task*> stepping_;
  std::vector<Task*> spouts_;
  std::vector<Task*> with_verdicts_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<Tree> trees_;
  std::vector<Tree*> tree_pointers_;
  std::vector<std::uint16_t> peer_attempts_;
  std::vector<std::pair<Task*, std::uint32_t>> announce_;  ///< credits to send to other workers: task, producing loop
  std::vector<TaskId> cycle_targets_;                      ///< on other loops, at the end of edges that close a cycle
  std::uint64_t cycle_bytes_ = 0;                          ///< waiting here, of such edges
  bool cycle_pressed_ = false;
  bool drain_seen_ = false;
  std::vector<std::uint32_t> last_ack_;  ///< by link: where in the open control batch the last ack record is, + 1
  std::vector<Task*> here_;              ///< by task: those of this loop
  Nanoseconds sweep_at_ = 0;
  std::uint32_t idle_epoch_ = 1;
  std::atomic<Nanoseconds> idle_{0}, idle_since_{0};
  std::uint64_t credited_ = 0;  ///< filter of local loops that got credit back in this round
  Nanoseconds poll_at_ = 0;

  mutable std::mutex stats_mutex_;
  mutable std::condition_variable stats_came_;
  std::vector<TaskStats> stats_;
  std::uint64_t stats_version_ = 0;
  std::atomic<bool> stats_wanted_{false};

  std::mutex posted_mutex_;
  std::vector<Posted> posted_;
  bool closed_ = false;
  std::atomic<bool> has_posted_{false};
};

}  // namespace sparse::worker
