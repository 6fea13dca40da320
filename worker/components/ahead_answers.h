// Task ids for a child that asks for them, answered before it asks where that is possible.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <sparse/tuple.h>

#include "core/base/clock.h"

namespace sparse::worker {

/// A child of the blocking kind (Storm's Python and Ruby libraries, pystorm) waits after each emit that asks: two switches
/// between processes for each word. It keeps lists that come early, so a stock of answers can lie in its pipe. A child of the
/// other kind (Storm's JavaScript library) goes on meanwhile, and breaks on a list that it did not ask for. Which kind a child is
/// shows when an answer is held back for a moment though the child has other inputs to go on with.
///
/// Pure, and by itself only a bookkeeper: the emits and the pipe are the caller's.
class AheadAnswers {
 public:
  static constexpr Nanoseconds kProbe = 5 * kMillisecond;
  static constexpr int kProbes = 3;
  static constexpr std::size_t kStock = 256, kLowStock = 128;

  using Tasks = std::vector<TaskId>;
  /// Chooses for one more emit; false: that is not possible.
  using Choose = std::function<bool(Tasks&)>;
  using Write = std::function<void(const Tasks&)>;

  /// `possible`: the component has one stream that is not direct, and its groupings may let the sender choose.
  AheadAnswers(bool possible, Choose choose, Write write)
      : choose_(std::move(choose)), write_(std::move(write)), kind_(possible ? Kind::unknown : Kind::plain) {}

  /// After an emit that asked, which went to `targets`. `busy`: the child has other inputs to go on with. True: call
  /// `probe_over` in kProbe from now.
  bool asked(const Tasks& targets, bool busy);
  /// After emits that did not ask.
  void emitted_without_asking(std::size_t emits = 1);
  /// The child said something, before it is dealt with.
  void heard();
  /// True as long as an answer is held back.
  bool probing() const { return !held_.empty(); }
  void probe_over();
  /// `innocent`: it was killed from outside.
  void child_died(bool innocent);
  bool ahead() const { return kind_ == Kind::blocking; }

 private:
  enum class Kind { unknown, blocking, plain };  // plain: each answer right after its emit

  void used_choice() {
    if (!chosen_.empty()) chosen_.pop_front();
  }
  void refill();
  void release();

  const Choose choose_;
  const Write write_;
  Kind kind_;
  int silent_ = 0;            ///< probes in a row that the child sat out
  std::deque<Tasks> held_;    ///< answers held back by a probe
  std::deque<Tasks> chosen_;  ///< for emits to come, as the engine will send them
  std::size_t told_ = 0;      ///< answers in the pipe that no emit has used yet
  bool used_ = false;         ///< a child has used an answer that came ahead
};

}  // namespace sparse::worker
