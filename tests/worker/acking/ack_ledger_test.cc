// One verdict for each tuple tree: complete at its last event, failed once, timed out in time.
#include "worker/acking/ack_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/base/random.h"

namespace sparse::worker {
namespace {

using Outcome = AckLedger::Outcome;
constexpr Nanoseconds kTimeout = 30 * kSecond;

std::vector<AckLedger::Verdict> swept(AckLedger& ledger, Nanoseconds now) {
  std::vector<AckLedger::Verdict> verdicts;
  ledger.sweep(now, verdicts);
  return verdicts;
}

TEST(AckLedger, completes_at_the_last_event_in_every_order) {
  // A chain of five: the spout makes a; each bolt acks what it got and makes the next; the last makes nothing.
  const std::uint64_t a = 0x11, b = 0x2200, c = 0x330000, d = 0x44000000;
  const std::array<std::uint64_t, 5> events{a, a ^ b, b ^ c, c ^ d, d};
  std::array<int, 5> order{0, 1, 2, 3, 4};
  int orders = 0;
  do {
    AckLedger ledger(1, 1, kTimeout);
    const std::uint64_t root = ledger.open({77}, 100);
    for (int i = 0; i < 5; ++i) {
      const auto verdict =
          ledger.apply({.root = root, .edges = events[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]}, 200);
      ASSERT_EQ(verdict.outcome, i == 4 ? Outcome::acked : Outcome::open) << "event " << i << " of order " << orders;
      if (i < 4) continue;
      EXPECT_EQ(verdict.id.value, 77u);
      EXPECT_EQ(verdict.took, 100);
    }
    EXPECT_EQ(ledger.pending(), 0u);
    ++orders;
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(orders, 120);
}

TEST(AckLedger, fails_once_and_drops_what_comes_later) {
  AckLedger ledger(1, 1, kTimeout);
  const std::uint64_t root = ledger.open({5}, 0);
  EXPECT_EQ(ledger.apply({.root = root, .edges = 6}, 0).outcome, Outcome::open);
  const auto verdict = ledger.apply({.root = root, .failed = true}, 10);
  EXPECT_EQ(verdict.outcome, Outcome::failed);
  EXPECT_EQ(verdict.id.value, 5u);
  EXPECT_EQ(verdict.took, 10);
  EXPECT_EQ(ledger.apply({.root = root, .failed = true}, 20).outcome, Outcome::open);
  EXPECT_EQ(ledger.apply({.root = root, .edges = 6}, 20).outcome, Outcome::open);
  EXPECT_TRUE(swept(ledger, 10 * kTimeout).empty());
  EXPECT_EQ(ledger.pending(), 0u);
}

TEST(AckLedger, times_out_between_T_and_a_tenth_later_if_it_is_swept_at_its_interval) {
  for (const Nanoseconds timeout : {kSecond / 100, kSecond, 3 * kSecond, kTimeout, 3600 * kSecond}) {
    AckLedger ledger(1, 1, timeout);
    const Nanoseconds every = ledger.sweep_interval();
    Random random(static_cast<std::uint64_t>(timeout));
    std::vector<Nanoseconds> opened;
    Nanoseconds now = kSecond;
    std::size_t seen = 0;
    // Sweeps come at the interval; trees are opened at any time between them.
    for (const Nanoseconds end = now + 2 * timeout; now < end + 2 * every && seen < 3; now += every) {
      if (opened.size() < 3) {
        opened.push_back(now + static_cast<Nanoseconds>(random.below(static_cast<std::uint64_t>(every))));
        const std::uint64_t root = ledger.open({opened.size() - 1}, opened.back());
        ledger.apply({.root = root, .edges = 9}, opened.back());
      }
      for (const auto& verdict : swept(ledger, now)) {
        EXPECT_EQ(verdict.outcome, Outcome::timed_out);
        EXPECT_GE(verdict.took, timeout);
        EXPECT_LE(verdict.took, timeout + timeout / 10 + 1) << "T = " << timeout;
        EXPECT_EQ(verdict.took, now - opened[verdict.id.value]);
        ++seen;
      }
    }
    EXPECT_EQ(seen, 3u) << "T = " << timeout;
  }
}

TEST(AckLedger, never_times_out_without_a_timeout) {
  AckLedger ledger(1, 1, 0);
  ledger.apply({.root = ledger.open({1}, 0), .edges = 3}, 0);
  EXPECT_TRUE(swept(ledger, 1'000'000 * kSecond).empty());
  EXPECT_EQ(ledger.pending(), 1u);
}

TEST(AckLedger, lets_a_slot_rest_for_one_timeout_after_a_failure_but_not_after_an_ack) {
  AckLedger ledger(1, 1, kTimeout);
  const std::uint64_t first = ledger.open({1}, 0);
  ledger.apply({.root = first, .edges = 0}, 0);
  const std::uint64_t second = ledger.open({2}, 0);
  EXPECT_EQ(RootId::slot(second), RootId::slot(first)) << "acked: used again at once";
  EXPECT_NE(second, first);

  ledger.apply({.root = second, .failed = true}, 5);
  const std::uint64_t third = ledger.open({3}, 5);
  EXPECT_NE(RootId::slot(third), RootId::slot(second)) << "failed: it rests";
  swept(ledger, 4 + kTimeout);
  EXPECT_NE(RootId::slot(ledger.open({4}, 4 + kTimeout)), RootId::slot(second)) << "it still rests";
  swept(ledger, 5 + kTimeout);
  const std::uint64_t again = ledger.open({5}, 5 + kTimeout);
  EXPECT_EQ(RootId::slot(again), RootId::slot(second)) << "it has rested";
  EXPECT_NE(again, second);
}

TEST(AckLedger, ignores_answers_to_a_former_incarnation) {
  AckLedger before(3, 4, kTimeout), now(3, 5, kTimeout);
  const std::uint64_t old_root = before.open({1}, 0), new_root = now.open({1}, 0);
  ASSERT_EQ(RootId::slot(old_root), RootId::slot(new_root));
  ASSERT_EQ(RootId::generation(old_root), RootId::generation(new_root));
  now.apply({.root = new_root, .edges = 7}, 0);
  EXPECT_EQ(now.apply({.root = old_root, .edges = 7}, 0).outcome, Outcome::open);
  EXPECT_EQ(now.apply({.root = old_root, .failed = true}, 0).outcome, Outcome::open);
  EXPECT_EQ(now.apply({.root = new_root, .edges = 7}, 0).outcome, Outcome::acked);
}

TEST(AckLedger, tells_the_128_latest_incarnations_apart) {
  std::set<std::uint64_t> roots;
  for (std::uint32_t life = 1; life <= 128; ++life) roots.insert(AckLedger(3, life, kTimeout).open({1}, 0));
  EXPECT_EQ(roots.size(), 128u);
}

TEST(AckLedger, fails_exactly_the_trees_that_reached_a_lost_worker) {
  AckLedger ledger(1, 1, kTimeout);
  const std::map<std::uint64_t, std::uint64_t> reach_by_id{{1, 0b0001}, {2, 0b0100}, {3, 0b0110}, {4, 0b1000}, {5, 0}};
  for (const auto& [id, reach] : reach_by_id) ledger.apply({.root = ledger.open({id}, 0), .edges = 3, .reach = reach}, 0);
  std::vector<AckLedger::Verdict> verdicts;
  ledger.lose_worker(2, 50, verdicts);
  std::set<std::uint64_t> lost;
  for (const auto& verdict : verdicts) {
    EXPECT_EQ(verdict.outcome, Outcome::lost_worker);
    EXPECT_EQ(verdict.took, 50);
    lost.insert(verdict.id.value);
  }
  EXPECT_EQ(lost, (std::set<std::uint64_t>{2, 3}));
  EXPECT_EQ(ledger.pending(), 3u);
  verdicts.clear();
  ledger.lose_worker(2, 50, verdicts);
  EXPECT_TRUE(verdicts.empty());
}

TEST(AckLedger, gives_no_root_when_all_slots_are_taken) {
  AckLedger ledger(1, 1, kTimeout);
  std::uint64_t last = 0;
  for (std::uint32_t i = 0; i < RootId::kSlotsMax; ++i) {
    last = ledger.open({i}, 0);
    ASSERT_NE(last, 0u);
  }
  EXPECT_EQ(ledger.open({1}, 0), 0u);
  EXPECT_EQ(ledger.pending(), RootId::kSlotsMax);
  ledger.apply({.root = last}, 0);
  EXPECT_NE(ledger.open({1}, 0), 0u) << "one was freed";
}

TEST(AckLedger, ignores_roots_that_it_never_made) {
  AckLedger ledger(9, 1, kTimeout);
  const std::uint64_t root = ledger.open({1}, 0);
  ledger.apply({.root = root, .edges = 8}, 0);
  const std::uint32_t slot = RootId::slot(root), generation = RootId::generation(root);
  for (const std::uint64_t stranger :
       {std::uint64_t{0}, ~std::uint64_t{0}, RootId::make(9, 1, slot + 1, generation), RootId::make(9, 1, slot, generation + 1),
        RootId::make(9, 1, RootId::kSlotsMax - 1, 1), RootId::make(9, 2, slot, generation)}) {
    EXPECT_EQ(ledger.apply({.root = stranger, .edges = 8}, 0).outcome, Outcome::open);
    EXPECT_EQ(ledger.apply({.root = stranger, .failed = true}, 0).outcome, Outcome::open);
  }
  EXPECT_EQ(ledger.pending(), 1u);
  EXPECT_EQ(ledger.apply({.root = root, .edges = 8}, 0).outcome, Outcome::acked);
}

TEST(AckLedger, makes_no_root_that_is_zero_when_generations_wrap) {
  AckLedger ledger(0, 0, kTimeout);
  for (std::uint32_t i = 0; i <= RootId::kGenerationMask + 2; ++i) {
    const std::uint64_t root = ledger.open({i}, 0);
    ASSERT_NE(root, 0u);
    ASSERT_EQ(ledger.apply({.root = root}, 0).outcome, Outcome::acked);
  }
}

/// Trees with random events, failures and silence, on a clock that jumps; what each id heard.
class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : random_(seed) {}

  std::map<std::uint64_t, int> run(std::uint64_t trees) {
    std::uint64_t opened = 0;
    for (int round = 0; round < 20'000; ++round) {
      now_ += static_cast<Nanoseconds>(random_.below(kSecond / 20));
      if (opened < trees && random_.chance(1, 4)) open(opened++);
      if (!waiting_.empty() && random_.chance(3, 4)) one_event();
      if (random_.chance(1, 10)) sweep();
      if (random_.chance(1, 500)) lose();
    }
    now_ += 2 * kTimeout;
    sweep();
    while (!waiting_.empty()) one_event();  // answers that come after everything is over
    return verdicts_;
  }
  std::uint64_t pending() const { return ledger_.pending(); }

 private:
  void open(std::uint64_t id) {
    const std::uint64_t root = ledger_.open({id}, now_);
    const std::uint64_t a = random_.next() | 1, b = random_.next() | 1;
    for (const std::uint64_t edges : {a, a ^ b, b})
      if (!random_.chance(1, 10))
        waiting_.push_back({.root = root, .edges = edges, .reach = 1ull << random_.below(3), .failed = random_.chance(1, 10)});
  }
  void one_event() {
    const auto at = static_cast<std::ptrdiff_t>(random_.below(waiting_.size()));
    const AckLedger::Event event = waiting_[static_cast<std::size_t>(at)];
    if (!random_.chance(1, 10))
      waiting_.erase(waiting_.begin() + at);  // else it will come once more, as from a sender that repeats
    else if (!event.failed)
      return;
    note(ledger_.apply(event, now_));
  }
  void sweep() {
    std::vector<AckLedger::Verdict> verdicts;
    ledger_.sweep(now_, verdicts);
    for (const auto& verdict : verdicts) note(verdict);
  }
  void lose() {
    std::vector<AckLedger::Verdict> verdicts;
    ledger_.lose_worker(static_cast<std::uint16_t>(random_.below(3)), now_, verdicts);
    for (const auto& verdict : verdicts) note(verdict);
  }
  void note(const AckLedger::Verdict& verdict) {
    if (verdict.outcome != Outcome::open) ++verdicts_[verdict.id.value];
  }

  Random random_;
  AckLedger ledger_{1, 1, kTimeout};
  Nanoseconds now_ = 0;
  std::vector<AckLedger::Event> waiting_;
  std::map<std::uint64_t, int> verdicts_;
};

TEST(AckLedger, gives_each_tree_one_verdict_when_acks_failures_timeouts_and_lost_workers_are_mixed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Chaos chaos(seed);
    const auto verdicts = chaos.run(3000);
    EXPECT_EQ(verdicts.size(), 3000u) << "seed " << seed;
    for (const auto& [id, count] : verdicts) ASSERT_EQ(count, 1) << "id " << id << ", seed " << seed;
    EXPECT_EQ(chaos.pending(), 0u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sparse::worker
