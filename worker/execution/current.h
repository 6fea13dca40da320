// The tuple trees that the step in progress belongs to, kept on the stack while tuples are processed by direct calls.
#pragma once

#include <cstdint>

#include <sparse/output.h>

namespace sparse::worker {

struct Task;

/// What a step has added to one tree. `root` 0: the tree has not left the spout's loop yet, and has no slot in the ledger; the
/// first tuple of it that is queued, retained or sent opens one.
struct Tree {
  std::uint64_t root = 0;
  std::uint64_t edges = 0;  ///< XOR
  std::uint64_t reach = 0;
};

/// What emits of the step in progress are anchored to.
struct Current {
  Tree* const* trees = nullptr;
  std::uint32_t count = 0;
  Task* spout = nullptr;  ///< whose ledger opens the slot, while root is 0
  MessageId id;
  bool failed = false;  ///< the reason is in the loop
};

}  // namespace sparse::worker
