// What a loop still holds when everything should be back where it belongs.
#include "worker/execution/loop.h"

namespace sparse::worker {

namespace {

void append_task(const Task& task, const std::string& name, std::vector<std::string>& to) {
  const auto check = [&](bool wrong, std::uint64_t count, const char* what) {
    if (wrong) to.push_back(name + " " + std::to_string(count) + " " + what);
  };
  check(!task.inbox.empty(), task.inbox.records(), "tuples in its inbox");
  check(!task.held.empty(), task.held.size(), "held channels");
  check(task.ledger.pending() != 0, task.ledger.pending(), "open trees");
  check(task.has_verdicts, task.acked_now.size() + task.failed_now.size(), "verdicts to deliver");
  const std::uint32_t gate = task.hot.gate & ~(kQueueOnly | kPaused);
  check(gate != 0, gate, "as its gate");
}

}  // namespace

void Loop::append_leftovers(std::vector<std::string>& to) {
  const std::string here = "loop " + std::to_string(index);
  for (const auto& task : tasks) append_task(*task, here + ", task " + std::to_string(task->id) + ":", to);
  for (TaskId task = 1; task < credits_.size(); ++task) {
    const Credit& credit = credits_[task];
    if (!credit.line) continue;
    const std::uint64_t taken = credit.line->taken.load(), taken_bytes = credit.line->taken_bytes.load();
    if (credit.sent != taken || credit.sent_bytes != taken_bytes || credit.blocked)
      to.push_back(here + ": credit for task " + std::to_string(task) + ": " + std::to_string(credit.sent) + " tuples and " +
                   std::to_string(credit.sent_bytes) + " bytes sent, " + std::to_string(taken) + " and " +
                   std::to_string(taken_bytes) + " taken" + (credit.blocked ? ", blocked" : ""));
  }
  if (cycle_bytes_ != 0) to.push_back(here + ": " + std::to_string(cycle_bytes_) + " bytes on cycles");
  for (std::size_t i = 0; i < out_.size(); ++i) {
    Link* const link = out_[i];
    if (!link) continue;
    if (link->open_data || link->open_control || link->has_waiting())
      to.push_back(here + ": unsent batches on link " + std::to_string(i));
    while (BatchPtr returned = link->pop_returned()) pool.give(std::move(returned));
  }
  if (has_input()) to.push_back(here + ": input that nobody has taken");
}

}  // namespace sparse::worker
