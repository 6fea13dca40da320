// The engine's side of Retained: an owning copy of a tuple with its share in the trees.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include <sparse/tuple.h>

#include "worker/execution/current.h"

namespace sparse::worker {

class Loop;
struct Task;

/// Made on the task's loop. `ack` and `fail` may come from any thread; from another one they are posted to the loop. Must not
/// outlive the worker.
class RetainedRecord final : public detail::RetainedTuple {
 public:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  RetainedRecord(Task& task, const Tuple& input, std::vector<Tree> trees, std::uint64_t taken_over_in);
  ~RetainedRecord() override;

  const Tuple& tuple() const override { return *tuple_; }
  void ack() override { settle(false, {}); }
  void fail(std::string_view reason) override { settle(true, reason); }

  /// Emits anchored to this copy add their edges here. Loop's thread.
  std::vector<Tree>& trees() { return trees_; }
  bool has_verdict() const { return settled_.load(); }

 private:
  void settle(bool failed, std::string_view reason);

  bool is_of_current_input() const;

  Task& task_;
  const std::uint64_t taken_over_in_;  ///< the number of the `execute` whose input's verdict this is; kNone: its own share
  std::unique_ptr<std::uint64_t[]> bytes_;
  std::unique_ptr<Tuple> tuple_;
  std::vector<Tree> trees_;
  std::atomic<bool> settled_{false};
};

std::unique_ptr<RetainedRecord> retain(Task& task, const Tuple& input);

/// Which loop runs on the calling thread; null: none.
void set_loop_of_thread(Loop* loop);
Loop* loop_of_thread();

}  // namespace sparse::worker
