// The pure parts of shell components, as tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/components/ahead_answers.h"
#include "worker/components/child_window.h"
#include "worker/components/held_inputs.h"
#include "worker/components/outbox.h"
#include "worker/components/restart_policy.h"
#include "worker/components/stderr_lines.h"

namespace sparse::worker {
namespace {

using testing::ElementsAre;

std::string waiting(Outbox& outbox, bool with_bulk = true) {
  std::string text;
  for (const iovec& part : outbox.parts(with_bulk)) text.append(static_cast<const char*>(part.iov_base), part.iov_len);
  return text;
}

Outbox filled() {
  Outbox outbox;
  for (const char* message : {"aaa.", "bb.", "cccc."}) {
    outbox.bulk() += message;
    outbox.bulk_message_done();
  }
  return outbox;
}

TEST(Outbox, SendsAnswersAheadOfWholeMessagesAndNeverInsideOne) {
  const struct {
    std::size_t first;
    const char* rest;
    std::size_t messages;
  } cases[] = {{0, "U.aaa.bb.cccc.", 3}, {1, "aa.U.bb.cccc.", 2}, {4, "U.bb.cccc.", 2},
               {5, "b.U.cccc.", 1},      {7, "U.cccc.", 1},       {12, "U.", 0}};
  for (const auto& c : cases) {
    Outbox outbox = filled();
    outbox.wrote(c.first);
    outbox.urgent() += "U.";
    EXPECT_EQ(waiting(outbox), c.rest) << c.first;
    EXPECT_EQ(outbox.bulk_messages(), c.messages) << c.first;
    EXPECT_EQ(outbox.bytes(), std::string(c.rest).size());
    // Byte by byte, the same text comes out.
    std::string all;
    while (!outbox.empty()) {
      all += waiting(outbox)[0];
      outbox.wrote(1);
    }
    EXPECT_EQ(all, c.rest) << c.first;
  }
}

TEST(Outbox, KeepsTuplesBackWhereOnlyAnswersMayGo) {
  Outbox outbox = filled();
  outbox.urgent() += "U.";
  EXPECT_EQ(waiting(outbox, false), "U.");
  outbox.wrote(1);
  outbox.urgent() += "V.";
  EXPECT_EQ(waiting(outbox, false), ".V.");
  EXPECT_EQ(waiting(outbox), ".V.aaa.bb.cccc.");
}

TEST(RestartPolicy, DoublesItsDelaysAndForgivesAfterAHealthyLife) {
  Random random(1);
  RestartPolicy policy;
  Nanoseconds expected = 100 * kMillisecond;
  for (int i = 0; i < 9; ++i) {
    const auto decision = policy.on_death(0, false, random);
    EXPECT_FALSE(decision.give_up);
    EXPECT_GE(decision.delay, expected * 3 / 4);
    EXPECT_LE(decision.delay, expected * 5 / 4);
    expected = std::min(2 * expected, 30 * kSecond);
  }
  EXPECT_LE(policy.on_death(61 * kSecond, false, random).delay, 125 * kMillisecond);
}

TEST(RestartPolicy, GivesUpAfterTenLivesInARowWithoutWork) {
  Random random(1);
  RestartPolicy policy;
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(policy.on_death(0, false, random).give_up);
  EXPECT_FALSE(policy.on_death(kSecond, true, random).give_up);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(policy.on_death(0, false, random).give_up);
  EXPECT_TRUE(policy.on_death(0, false, random).give_up);
  RestartPolicy stubborn({.give_up_after = 0});
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(stubborn.on_death(0, false, random).give_up);
}

TEST(StderrLines, CutsLinesAndKeepsTheLastOnes) {
  std::vector<std::string> lines;
  StderrLines stderr_lines([&](std::string_view line) { lines.emplace_back(line); });
  stderr_lines.add("a\r\n\nb");
  stderr_lines.add("c\nd");
  EXPECT_THAT(lines, ElementsAre("a", "bc"));
  stderr_lines.end();
  EXPECT_EQ(stderr_lines.last(), "a | bc | d");
  stderr_lines.add(std::string(20'000, 'x'));
  EXPECT_EQ(lines.back().size(), StderrLines::kLineLimit);
  for (int i = 0; i < 100; ++i) stderr_lines.add("line " + std::to_string(i) + "\n");
  EXPECT_TRUE(stderr_lines.last().starts_with("line 80 | "));
}

TEST(ChildWindow, FollowsWhatTheChildHandlesAndGrowsForBatches) {
  ChildWindow window(65'536, 30);
  EXPECT_EQ(window.size(), 512u);
  window.second(10, false, false);
  EXPECT_EQ(window.size(), 512u);  // it was never full: nothing is known
  window.second(10, true, false);
  EXPECT_EQ(window.size(), 37u);  // ten a second, for an eighth of 30 s
  window.second(0, true, false);
  EXPECT_EQ(window.size(), 16u);
  window.second(100'000, true, false);
  EXPECT_EQ(window.size(), 512u);
  window.second(0, true, true);
  EXPECT_EQ(window.size(), 1024u);
  for (int i = 0; i < 20; ++i) window.second(0, true, true);
  EXPECT_EQ(window.size(), 65'536u);
}

TEST(ChildWindow, GrowsButNeverShrinksByAFirstLook) {
  ChildWindow window(65'536, 30);
  window.widen(ChildWindow::kBatched);
  window.first_look(0);
  EXPECT_EQ(window.size(), 512u);
  window.first_look(400);  // 1,500 in an eighth of 30 s
  EXPECT_EQ(window.size(), 1500u);
  window.first_look(100'000);
  EXPECT_EQ(window.size(), 4096u);
  window.first_look(10);
  EXPECT_EQ(window.size(), 4096u);
}

TEST(HeldInputs, FindsAndTakesInputsInAnyOrder) {
  HeldInputs held;
  for (std::int64_t id = 1; id <= 1000; ++id) held.add(id, InputShare(), id);
  EXPECT_EQ(held.size(), 1000u);
  EXPECT_EQ(held.find(0), nullptr);
  EXPECT_EQ(held.find(-1), nullptr);
  EXPECT_EQ(held.find(1001), nullptr);
  for (std::int64_t id = 1000; id > 0; id -= 2) EXPECT_EQ(held.take(*held.find(id)).since, id);
  EXPECT_EQ(held.size(), 500u);
  EXPECT_EQ(held.find(1000), nullptr);
  EXPECT_EQ(held.find(999)->since, 999);
}

TEST(HeldInputs, KeepsWhatStaysForLongWhileOthersPass) {
  HeldInputs held;
  for (const std::int64_t id : {1, 2, 3}) held.add(id, InputShare(), id);
  for (std::int64_t id = 4; id < 100'000; ++id) {
    held.add(id, InputShare(), id);
    if (id > 500) held.take(*held.find(id - 400));
  }
  EXPECT_EQ(held.size(), 3 + 97u + 400u - 0u);
  EXPECT_EQ(held.find(2)->id, 2);
  EXPECT_EQ(held.take(*held.find(3)).id, 3);
  EXPECT_EQ(held.find(3), nullptr);
  std::size_t seen = 0;
  held.for_each([&](HeldInput& input) { seen += input.id > 0 ? 1 : 0; });
  EXPECT_EQ(seen, held.size());
  held.erase_if([](HeldInput& input) { return input.id < 99'900; });
  EXPECT_EQ(held.size(), 100u);
  held.clear();
  EXPECT_EQ(held.size(), 0u);
}

struct Ahead {
  std::vector<std::string> written;
  TaskId next = 1;
  bool possible = true;
  AheadAnswers answers{true,
                       [this](std::vector<TaskId>& tasks) {
                         if (possible) tasks = {next++};
                         return possible;
                       },
                       [this](const std::vector<TaskId>& tasks) {
                         std::string text;
                         for (const TaskId task : tasks) text += std::to_string(task) + ",";
                         written.push_back(text);
                       }};
  std::size_t take() {
    const std::size_t count = written.size();
    written.clear();
    return count;
  }
  void become_blocking() {
    for (int i = 0; i < AheadAnswers::kProbes; ++i) {
      EXPECT_TRUE(answers.asked({9}, true));
      EXPECT_TRUE(written.empty());
      answers.probe_over();
      if (i + 1 < AheadAnswers::kProbes) {
        EXPECT_EQ(take(), 1u);
      }
    }
    EXPECT_TRUE(answers.ahead());
    EXPECT_EQ(take(), 1 + AheadAnswers::kStock);
  }
};

TEST(AheadAnswers, KeepsAStockForAChildThatWaitsForItsAnswers) {
  Ahead test;
  test.become_blocking();
  for (std::size_t i = 0; i < AheadAnswers::kStock - AheadAnswers::kLowStock; ++i) {
    EXPECT_FALSE(test.answers.asked({1}, true));
    EXPECT_EQ(test.take(), 0u);
  }
  EXPECT_FALSE(test.answers.asked({1}, true));
  EXPECT_EQ(test.take(), AheadAnswers::kStock - AheadAnswers::kLowStock + 1);
}

TEST(AheadAnswers, AnswersAfterTheEmitWhereTheChildGoesOnMeanwhile) {
  Ahead test;
  EXPECT_TRUE(test.answers.asked({1}, true));
  test.answers.heard();
  EXPECT_THAT(test.written, ElementsAre("1,"));
  EXPECT_FALSE(test.answers.asked({2}, true));
  EXPECT_THAT(test.written, ElementsAre("1,", "2,"));
  EXPECT_FALSE(test.answers.ahead());
}

TEST(AheadAnswers, DoesNotProbeAChildThatHasNothingElseToDo) {
  Ahead test;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(test.answers.asked({1}, false));
  EXPECT_EQ(test.take(), 10u);
}

TEST(AheadAnswers, TellsANewChildWhatWasChosenForTheOldOne) {
  Ahead test;
  test.become_blocking();
  test.answers.asked({1}, true);  // the choice 1 is used
  test.answers.child_died(true);
  EXPECT_FALSE(test.answers.asked({2}, true));  // 2, which was chosen before
  ASSERT_GE(test.written.size(), 3u);
  EXPECT_EQ(test.written[0], "2,");
  EXPECT_EQ(test.written[1], "3,");
  EXPECT_EQ(test.written[2], "4,");
  EXPECT_EQ(test.take(), 1 + AheadAnswers::kStock);
}

TEST(AheadAnswers, LearnsFromAChildThatDiesOfAnswersItHadNotAskedFor) {
  Ahead test;
  test.become_blocking();
  test.answers.child_died(false);
  EXPECT_FALSE(test.answers.ahead());
  EXPECT_FALSE(test.answers.asked({1}, true));
  EXPECT_EQ(test.take(), 1u);
}

TEST(AheadAnswers, StopsWhereItCannotChooseOrWhereTheChildDoesNotAlwaysAsk) {
  Ahead cannot;
  cannot.possible = false;
  for (int i = 0; i < AheadAnswers::kProbes; ++i) {
    cannot.answers.asked({1}, true);
    cannot.answers.probe_over();
  }
  EXPECT_FALSE(cannot.answers.ahead());
  EXPECT_EQ(cannot.take(), 3u);
  Ahead mixed;
  mixed.become_blocking();
  mixed.answers.emitted_without_asking();
  for (std::size_t i = 0; i < AheadAnswers::kStock; ++i) mixed.answers.asked({1}, true);
  EXPECT_EQ(mixed.take(), 0u);
  mixed.answers.asked({1}, true);
  EXPECT_EQ(mixed.take(), 1u);
}

}  // namespace
}  // namespace sparse::worker
