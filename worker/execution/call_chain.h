// Which tasks of a loop are on its thread's stack: what a report about a crash or a stuck step is about.
#pragma once

#include <cstdint>

namespace sparse::worker {

class Loop;
struct Task;

/// Read on the loop's own thread, in a signal handler: it takes no lock and no memory, and costs a direct call nothing, since
/// it is derived from the gates that calls set anyway.
struct CallChain {
  static constexpr int kMost = 48;

  const Loop* loop = nullptr;  ///< null: the thread runs no loop
  const Task* tasks[kMost] = {};
  int count = 0;                   ///< the last one was called last
  const char* outside = nullptr;   ///< the call of the first one, if it is neither `execute` nor `next`
  const Task* id_spout = nullptr;  ///< whose tree is worked on, if that is known
  std::uint64_t id = 0;            ///< the message id of that tree, if it never left the stack
  bool id_known = false;
  std::uint64_t root = 0;        ///< the tree's, if it has a slot in the ledger
  std::uint32_t root_spout = 0;  ///< the number of the spout task it belongs to

  const Task* last() const { return count > 0 ? tasks[count - 1] : nullptr; }
  /// What the task at this place does.
  const char* doing(int place) const;
};

/// Of the calling thread.
CallChain call_chain_here();

}  // namespace sparse::worker
