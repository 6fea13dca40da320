// Which tasks of a loop are on its thread's stack.
#include "worker/execution/call_chain.h"

#include <algorithm>

#include "worker/acking/root_id.h"
#include "worker/execution/loop.h"
#include "worker/execution/retained.h"

namespace sparse::worker {
namespace {

bool emits_to(const Task& from, const Task& to) {
  for (const OutStream& stream : from.streams)
    for (const Edge& edge : stream.edges)
      for (const Target& target : edge.targets)
        if (target.task == &to) return true;
  return false;
}

// Each one called the next, so each emits to the next: of the tasks that are left, the one that none of the others emits to
// comes first. On a cycle there may be no such task; then the order is a guess.
void order(CallChain& chain) {
  for (int done = 0; done < chain.count; ++done) {
    int first = done;
    for (int i = done; i < chain.count; ++i) {
      bool called = chain.tasks[i] != chain.loop->outside_task && !chain.tasks[i]->is_spout();
      if (called) {
        called = false;
        for (int j = done; j < chain.count && !called; ++j) called = j != i && emits_to(*chain.tasks[j], *chain.tasks[i]);
      }
      if (!called) {
        first = i;
        break;
      }
    }
    std::swap(chain.tasks[done], chain.tasks[first]);
  }
}

void find_tree(CallChain& chain) {
  const Current* current = chain.loop->current;
  if (!current || current->count == 0) return;
  const Tree& tree = *current->trees[0];
  if (tree.root != 0) {
    chain.root = tree.root;
    chain.root_spout = RootId::spout(tree.root);
  } else if (current->spout) {
    chain.id_spout = current->spout;
    chain.id = current->id.value;
    chain.id_known = true;
  }
}

}  // namespace

const char* CallChain::doing(int place) const {
  if (place == 0 && outside) return outside;
  return tasks[place]->is_spout() ? "next" : "execute";
}

CallChain call_chain_here() {
  CallChain chain;
  chain.loop = loop_of_thread();
  if (!chain.loop) return chain;
  for (const auto& task : chain.loop->tasks)
    if ((task->hot.gate & kBusy) != 0 && chain.count < CallChain::kMost) chain.tasks[chain.count++] = task.get();
  const Task* outside = chain.loop->outside_task;
  const bool listed = std::find(chain.tasks, chain.tasks + chain.count, outside) != chain.tasks + chain.count;
  if (outside && !listed && chain.count < CallChain::kMost) chain.tasks[chain.count++] = outside;
  order(chain);
  if (outside && chain.count > 0 && chain.tasks[0] == outside) chain.outside = chain.loop->outside_call;
  find_tree(chain);
  return chain;
}

}  // namespace sparse::worker
