// A task's host on inputs that are in other hands: their shares in tuple trees, without their values.
#include <cstddef>
#include <memory_resource>

#include "core/base/check.h"
#include "worker/execution/emit.h"
#include "worker/execution/loop.h"
#include "worker/execution/task_context.h"

namespace sparse::worker {

InputShare LoopTaskHost::take(const Tuple& input) {
  ManualInput* const manual = task_.manual;
  SPARSE_CHECK(manual && manual->state == ManualInput::State::none && manual->cells == input.cells());
  manual->state = ManualInput::State::retained;
  ++task_.retained;
  InputShare share;
  const Current* const current = task_.loop().current;
  if (!current || current->count == 0) return share;
  share.tracked = true;
  // The share takes over the input's own verdict, with the edges that were emitted so far.
  share.tree = *current->trees[0];
  if (current->count > 1) share.more = std::make_unique<std::vector<Tree>>();
  for (std::uint32_t i = 1; i < current->count; ++i) share.more->push_back(*current->trees[i]);
  for (std::uint32_t i = 0; i < current->count; ++i) current->trees[i]->edges = 0;
  return share;
}

void LoopTaskHost::settle(InputShare& share, bool failed, std::string_view reason) {
  Loop& loop = task_.loop();
  // What an input has emitted is told to its trees when `execute` is over: a verdict before could end them.
  SPARSE_CHECK(!task_.manual);
  --task_.retained;
  if (failed) ++task_.counters.bolt_failed;
  share.for_each_tree([&](Tree& tree) { loop.settle(tree, failed, reason); });
  if (task_.retained == 0 && task_.phase != Task::Phase::closed) loop.list(task_);  // it may have been waiting for this to end
}

bool LoopTaskHost::settle_if_failed(bool went_well, std::span<InputShare* const> shares) {
  if (went_well) return true;
  // A copy: settling tells spouts, and they may fail something else.
  const std::string reason = task_.loop().reason;
  for (InputShare* share : shares) settle(*share, true, reason);
  return false;
}

bool LoopTaskHost::emit(Output&, std::span<InputShare* const> anchors, const Emit& how, const Cell* cells, std::uint32_t count) {
  // Few trees need no memory: each emit of a child that does not write columns comes by here.
  std::byte room[32 * sizeof(Tree*)];
  std::pmr::monotonic_buffer_resource memory(room, sizeof room);
  std::pmr::vector<Tree*> trees(&memory);
  for (InputShare* share : anchors) share->for_each_tree([&](Tree& tree) { trees.push_back(&tree); });
  return settle_if_failed(worker::emit_anchored(task_, trees, how, cells, count), anchors);
}

bool LoopTaskHost::emit_rows(Output&, InputShare& anchor, const Cell* cells, std::uint32_t fields, std::uint32_t rows) {
  InputShare* const shares[1] = {&anchor};
  if (!anchor.more) {
    Tree* const tree[1] = {&anchor.tree};
    return settle_if_failed(worker::emit_rows(task_, std::span(tree, anchor.tracked ? 1 : 0), cells, fields, rows), shares);
  }
  std::vector<Tree*> trees;
  anchor.for_each_tree([&](Tree& tree) { trees.push_back(&tree); });
  return settle_if_failed(worker::emit_rows(task_, trees, cells, fields, rows), shares);
}

}  // namespace sparse::worker
