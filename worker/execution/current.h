// The tuple trees that the step in progress belongs to, kept on the stack while tuples are processed by direct calls.
#pragma once

#include <cstdint>

#include <sparse/output.h>

#include "worker/acking/tree.h"

namespace sparse::worker {

struct Task;

/// What emits of the step in progress are anchored to.
struct Current {
  Tree* const* trees = nullptr;
  std::uint32_t count = 0;
  Task* spout = nullptr;  ///< whose ledger opens the slot, while root is 0
  MessageId id;
  bool failed = false;  ///< the reason is in the loop
};

}  // namespace sparse::worker
