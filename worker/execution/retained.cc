#include "worker/execution/retained.h"

#include <stdexcept>

#include "core/base/check.h"
#include "worker/batch/record.h"
#include "worker/execution/loop.h"

namespace sparse::worker {
namespace {

thread_local Loop* own_loop = nullptr;

void settle_here(Task& task, const std::vector<Tree>& trees, bool failed, const std::string& reason) {
  Loop& loop = task.loop();
  --task.retained;
  if (failed) ++task.counters.bolt_failed;
  for (const Tree& tree : trees) loop.settle(tree, failed, reason);
  if (task.phase != Task::Phase::closed) loop.list(task);  // it may have been waiting for this to end
}

}  // namespace

void set_loop_of_thread(Loop* loop) { own_loop = loop; }

Loop* loop_of_thread() { return own_loop; }

RetainedRecord::RetainedRecord(Task& task, const Tuple& input, std::vector<Tree> trees, std::uint64_t taken_over_in)
    : task_(task), taken_over_in_(taken_over_in), trees_(std::move(trees)) {
  const auto fields = static_cast<std::uint32_t>(input.size());
  const std::size_t size = record_size(input.cells(), fields, 0);
  SPARSE_CHECK(size != 0);
  bytes_.reset(new std::uint64_t[size / 8]);
  const Record* record = write_record(reinterpret_cast<char*>(bytes_.get()), size, {.fields = fields}, input.cells());
  tuple_ = std::make_unique<Tuple>(record->cells(), fields, input.source_task(), input.stream_number(), input.receiver());
  ++task.retained;
}

RetainedRecord::~RetainedRecord() {
  if (!settled_.load()) settle(true, "a retained tuple was destroyed without ack or fail");
}

void RetainedRecord::settle(bool failed, std::string_view reason) {
  if (settled_.exchange(true)) {
    if (own_loop == &task_.loop())
      task_.loop().misuse(
          task_, "component \"" + task_.spec().id + "\" gave a second verdict on a retained tuple; the first one counts");
    return;
  }
  if (own_loop == &task_.loop()) {
    if (!failed && is_of_current_input()) {
      // What the input has emitted since has not been told to the trees yet: both are told at the end of `execute`.
      for (std::uint32_t i = 0; i < trees_.size(); ++i) {
        Tree& tree = *task_.loop().current->trees[i];
        tree.edges ^= trees_[i].edges;
        tree.reach |= trees_[i].reach;
      }
      trees_.clear();
    }
    return settle_here(task_, trees_, failed, std::string(reason));
  }
  Loop::post(task_, [&task = task_, trees = trees_, failed, text = std::string(reason)](Loop&) {
    settle_here(task, trees, failed, text);
  });
}

bool RetainedRecord::is_of_current_input() const {
  const Current* const current = task_.loop().current;
  return task_.manual && taken_over_in_ == task_.executed() && current && current->count == trees_.size();
}

std::unique_ptr<RetainedRecord> retain(Task& task, const Tuple& input) {
  // A tuple of a direct call was never written into a record before.
  if (record_size(input.cells(), static_cast<std::uint32_t>(input.size()), 0) == 0)
    throw std::length_error("a tuple of more than 64 MiB, or nested deeper than 128 levels, cannot be retained");
  Loop& loop = task.loop();
  std::vector<Tree> trees;
  ManualInput* manual = task.manual;
  std::uint64_t taken_over_in = RetainedRecord::kNone;
  if (manual && manual->state == ManualInput::State::none && manual->cells == input.cells()) {
    // The copy takes over the input's own verdict, with the edges that were emitted so far.
    manual->state = ManualInput::State::retained;
    taken_over_in = task.executed();
    for (std::uint32_t i = 0; loop.current && i < loop.current->count; ++i) {
      trees.push_back(*loop.current->trees[i]);
      loop.current->trees[i]->edges = 0;
    }
  } else if (loop.current) {
    // One more edge in each tree, as if the copy were a tuple that was emitted.
    std::vector<Anchor> anchors(loop.current->count);
    loop.anchor(anchors.data(), loop.shared.options.index);
    for (const Anchor& anchor : anchors) trees.push_back({anchor.root, anchor.edge, 0});
  }
  return std::make_unique<RetainedRecord>(task, input, std::move(trees), taken_over_in);
}

}  // namespace sparse::worker
