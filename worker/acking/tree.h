// One tuple tree, as those see it who add to it.
#pragma once

#include <cstdint>

namespace sparse::worker {

/// What a step has added to one tree. `root` 0: the tree has not left the spout's loop yet, and has no slot in the ledger; the
/// first tuple of it that is queued, retained or sent opens one.
struct Tree {
  std::uint64_t root = 0;
  std::uint64_t edges = 0;  ///< XOR
  std::uint64_t reach = 0;
};

}  // namespace sparse::worker
