// From edges to verdicts: anchoring, the ledger of each spout task, and telling the spouts.
#include <utility>

#include "core/base/exception_text.h"
#include "worker/batch/control.h"
#include "worker/execution/loop.h"

namespace sparse::worker {

void Loop::anchor(Anchor* anchors, std::uint32_t target_worker) {
  if (!current) return;
  for (std::uint32_t i = 0; i < current->count; ++i) {
    Tree& tree = *current->trees[i];
    if (tree.root == 0) {
      anchors[i] = {};
      if (!current->spout) continue;  // of a queued tuple whose tree found no place, and has failed by that
      tree.root = current->spout->ledger.open(current->id, now);
      if (tree.root == 0) {
        if (!current->failed)
          reason = "no place for the tree: a million of its spout are open, or have failed within one message timeout";
        current->failed = true;
        continue;
      }
    }
    const std::uint64_t edge = random.next() | 1;
    tree.edges ^= edge;
    tree.reach |= std::uint64_t{1} << (target_worker % 64);
    anchors[i] = {tree.root, edge};
  }
}

void Loop::settle(const Tree& tree, bool failed, std::string_view why) {
  const TaskId spout = RootId::spout(tree.root);
  if (spout == 0 || spout >= here_.size()) return;  // 0: there was no place for the tree
  if (Task* task = here_[spout]) {
    settle_spout(*task, task->ledger.apply({tree.root, tree.edges, tree.reach, failed}, now), why);
  } else if (!failed) {
    append_ack(link_of(spout), tree);
  } else {
    FailRecord record;
    record.root = tree.root;
    record.reach = tree.reach;
    const std::string_view text = why.substr(0, 4096);
    record.length = static_cast<std::uint32_t>(text.size());
    record.header.size = static_cast<std::uint32_t>((sizeof record + text.size() + 7) & ~std::size_t{7});
    append_control(link_of(spout), &record, sizeof record, text);
  }
}

void Loop::settle_spout(Task& spout, const AckLedger::Verdict& verdict, std::string_view why) {
  using Outcome = AckLedger::Outcome;
  if (verdict.outcome == Outcome::open) return;
  if (verdict.outcome == Outcome::acked) {
    spout.acked_now.push_back(verdict.id);
    spout.counters.complete.add(static_cast<std::uint64_t>(verdict.took));
  } else {
    spout.failed_now.push_back({verdict.id, verdict.outcome == Outcome::timed_out, std::string(why)});
  }
  if (spout.has_verdicts) return;
  spout.has_verdicts = true;
  with_verdicts_.push_back(&spout);
}

bool Loop::deliver_verdicts() {
  const bool any = !with_verdicts_.empty();
  while (!with_verdicts_.empty()) {
    Task& spout = *with_verdicts_.back();
    with_verdicts_.pop_back();
    spout.has_verdicts = false;
    deliver_verdicts(spout);
  }
  return any;
}

void Loop::deliver_verdicts(Task& spout) {
  Spout& component = *spout.made.spout;
  // By index and to the end: a verdict may lead to another.
  std::optional<Outside> outside;
  if (!spout.acked_now.empty()) outside.emplace(*this, spout, "ack");
  for (std::size_t i = 0; i < spout.acked_now.size(); ++i) {
    ++spout.counters.acked;
    try {
      component.ack(spout.acked_now[i]);
    } catch (...) {
      misuse(spout, "component \"" + spout.spec().id + "\" threw in ack: " + current_exception_text());
    }
  }
  spout.acked_now.clear();
  outside.reset();
  if (spout.failed_now.empty()) return;
  const std::vector<PendingFailure> failed = std::exchange(spout.failed_now, {});
  for (const PendingFailure& failure : failed) {
    ++spout.counters.failed;
    if (failure.timed_out) ++spout.counters.timed_out;
    call_component(spout, "fail", [&] { component.fail(failure.id, failure.reason); });
  }
  // It may want to emit them again.
  spout.exhausted = false;
  spout.wake_at = 0;
}

}  // namespace sparse::worker
