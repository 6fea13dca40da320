// What is left of a bolt's input once its values are elsewhere: its share in tuple trees.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "worker/acking/tree.h"

namespace sparse::worker {

/// Kept by components whose inputs are in other hands, from `TaskHost::take` to `TaskHost::settle`. It is a Retained without the
/// tuple: most inputs belong to one tree, and then it needs no memory of its own.
struct InputShare {
  Tree tree = {};                                ///< the first, if it is tracked
  std::unique_ptr<std::vector<Tree>> more = {};  ///< all others, if there are any: by pointer, since tens of thousands are kept
  bool tracked = false;

  template <class F>
  void for_each_tree(F&& use) {
    if (!tracked) return;
    use(tree);
    if (!more) return;
    for (Tree& other : *more) use(other);
  }
};

}  // namespace sparse::worker
