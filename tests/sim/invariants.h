// The accounts that a run is held to: each message, each tuple, each delivery. Components and faults tell of what they do;
// whatever does not hold is blamed, the first of it is kept.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <sparse/sdk.h>

#include "core/base/clock.h"
#include "tests/sim/trace.h"
#include "tests/sim/workload.h"

namespace sparse::sim {

using Roots = std::vector<std::uint64_t>;

/// One emit with an id, by one life of a spout task.
struct Message {
  enum class Verdict { open, acked, failed, abandoned };
  TaskId spout = 0;
  int life = 0;
  int tries = 1;  ///< of its line
  Nanoseconds emitted = 0;
  Nanoseconds changed = 0;  ///< when a share of its tree was added or acked last
  std::int64_t due = 0;     ///< shares that are neither acked nor failed
  std::vector<std::string> failures = {};
  Verdict verdict = Verdict::open;
  std::uint32_t sent_to = 0, reached = 0;  ///< workers that its spout sent it to; workers that executed a tuple of it
};

/// One tuple, delivered once to each task that its stream's groupings choose.
struct Sent {
  Roots roots = {};
  std::uint32_t component = 0;
  std::uint32_t hops = 0;  ///< through edges that close a cycle
  std::uint32_t deliveries = 0, executions = 0;
};

/// One life of a bolt's task.
struct Receiver {
  std::size_t component = 0;
  TaskId task = 0;
  std::uint16_t worker = 0;
  bool finished = false;
  std::map<TaskId, std::uint64_t> last;  ///< serial, by source
  std::set<TaskId> held;
};

class Invariants {
 public:
  Invariants(const Workload& work, const Clock& clock);

  void blame(const std::string& what);
  const std::string& problem() const { return problem_; }
  Trace trace;

  // Spouts.
  std::uint64_t message(TaskId spout, int life, int tries);
  void sent_to(std::uint64_t id, const std::vector<TaskId>& tasks);
  void acked(std::uint64_t id, int life);
  void failed(std::uint64_t id, int life, std::string_view reason);
  // Tuples.
  /// `direct`: the one task it is sent to, on a direct stream.
  std::uint64_t emits(std::size_t component, std::string_view stream, Roots roots, std::uint32_t hops, TaskId direct);
  const Sent& executes(Receiver& by, const Tuple& tuple);
  void keeps(const Roots& roots);  ///< a share more
  void done(const Roots& roots);   ///< a share less
  void fails(const Roots& roots, const std::string& reason);
  void finishes(Receiver& by);
  /// One of the messages has failed often: its tuples are treated well, so that the run comes to an end.
  bool spares(const Roots& roots) const;
  /// The only task of its component, which has executed nothing so far: no more may be on the way to it than it gave credit for.
  void check_credit(const Receiver& by);
  /// What a tuple carries besides its serial.
  static std::string key_of(std::uint64_t serial) { return "key " + std::to_string(serial * 2654435761u % 13); }
  static std::string pad_of(std::uint64_t serial);
  // Faults.
  void killed(std::uint16_t worker, bool told);
  void moved(TaskId task, std::uint16_t loop) {
    moved_ = true;
    trace.add(Trace::Kind::move, task, loop);
  }
  void revived(std::uint16_t worker);
  void network_cut(Nanoseconds until);
  bool undisturbed() const { return kills_.empty(); }
  // The end.
  void check_end(std::size_t acked_lines, std::size_t lines);
  void check_stats(const std::vector<worker::TaskStats>& tasks);

  std::uint64_t acks() const { return acks_; }
  std::uint64_t failures() const { return failures_; }
  std::uint64_t tuples() const { return sent_.size() - 1; }
  std::uint16_t worker_of(TaskId task) const { return work_.placement.homes[task].worker; }

 private:
  struct Kill {
    std::uint16_t worker;
    Nanoseconds at, known = -1;  ///< known: the others can know of it
  };
  Message& open_message(std::uint64_t id, int life, const char* verdict);
  void check_reason(const Message& message, const std::string& name, const std::string& reason);
  void check_timeout(const Message& message, const std::string& name);
  void check_grouping(const Receiver& by, const Tuple& tuple);

  const Workload& work_;
  const Clock& clock_;
  std::vector<std::map<std::string, std::vector<std::pair<std::size_t, std::uint32_t>>, std::less<>>> subscribers_;
  std::vector<std::int64_t> under_way_;  ///< tuples, by the component that they are sent to
  std::vector<TaskId> first_tasks_;      ///< by component
  std::vector<Message> messages_;        ///< by id, from 1
  std::vector<Sent> sent_;               ///< by serial, from 1
  std::vector<Kill> kills_;
  bool moved_ = false;  ///< a task lives elsewhere than at the start
  std::map<std::pair<std::size_t, std::string>, TaskId> tasks_of_keys_;
  Nanoseconds disturbed_until_ = 0;
  bool cuts_ = false;
  std::uint64_t acks_ = 0, failures_ = 0, timeouts_ = 0, executions_ = 0;
  std::string problem_;
};

}  // namespace sparse::sim
