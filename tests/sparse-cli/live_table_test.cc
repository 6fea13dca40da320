// Tests of what is shown while a topology runs.
#include "sparse-cli/live_table.h"

#include <gmock/gmock.h>

namespace sparse::cli {
namespace {

using Style = LiveLine::Style;

LiveView word_count() {
  LiveView view{.topology = "word-count", .hint = "Ctrl-C drains", .elapsed = 12 * kSecond};
  ComponentTotals lines{.id = "lines", .is_spout = true, .tasks = 1, .acked = 61234, .pending = 8, .loops = {1}};
  lines.complete.add(1'200'000, 100);
  ComponentTotals split{.id = "split", .tasks = 2, .executed = 61242, .acked = 61242, .queue = 12, .loops = {0, 1}};
  split.execute.add(850, 100);
  view.now.components = {lines, split};
  view.rates = {{.emitted = 12345, .capacity = 0.5}, {.emitted = 101'000, .executed = 12000, .capacity = 0.25}};
  return view;
}

std::vector<std::string> texts(const std::vector<LiveLine>& lines) {
  std::vector<std::string> all;
  for (const LiveLine& line : lines) all.push_back(line.text);
  return all;
}

TEST(LiveTable, ShowsEveryComponentInAWideTerminal) {
  EXPECT_THAT(texts(live_table(word_count(), {.columns = 140, .rows = 24})),
              testing::ElementsAre("word-count  running 00:12  Ctrl-C drains",
                                   "component  tasks  emitted/s  executed   acked  failed  execute p50    p99  complete p50     "
                                   "p99  capacity  queue  loop",
                                   "lines          1      12.3k         -  61,234       0            -      -        1.20ms  "
                                   "1.20ms      0.50      8     1",
                                   "split          2       101k    61,242  61,242       0        850ns  850ns             -      "
                                   " -      0.25     12   0,1"));
}

TEST(LiveTable, FitsEveryTerminal) {
  for (std::size_t columns = 1; columns < 150; ++columns)
    for (const std::string& line : texts(live_table(word_count(), {.columns = columns, .rows = 24})))
      EXPECT_LE(line.size(), columns);
  EXPECT_THAT(
      texts(live_table(word_count(), {.columns = 50, .rows = 24})),
      testing::ElementsAre("word-count  running 00:12  Ctrl-C drains", "component  emitted/s  executed   acked  failed",
                           "lines          12.3k         -  61,234       0", "split           101k    61,242  61,242       0"));
}

TEST(LiveTable, LeavesOutWhatHasNoRow) {
  LiveView view = word_count();
  for (int i = 0; i < 50; ++i) {
    view.now.components.push_back({.id = "bolt"});
    view.rates.emplace_back();
  }
  const auto lines = live_table(view, {.columns = 80, .rows = 10});
  ASSERT_EQ(lines.size(), 9u);
  EXPECT_EQ(lines.back().text, "and 46 more");
}

TEST(LiveTable, MarksComponentsThatHaveFailedSomething) {
  LiveView view = word_count();
  view.now.components[1].failed = 3;
  const auto lines = live_table(view, {});
  EXPECT_EQ(lines[0].style, Style::title);
  EXPECT_EQ(lines[1].style, Style::heading);
  EXPECT_EQ(lines[2].style, Style::plain);
  EXPECT_EQ(lines[3].style, Style::alarm);
}

TEST(LiveTable, HasNotesBelowEvenIfRowsAreLeftOut) {
  LiveView view = word_count();
  view.notes = {{.text = "lines: lag 7; no broker", .alarm = true}, {.text = "write: lag 0"}};
  const auto lines = live_table(view, {.columns = 17, .rows = 24});
  EXPECT_EQ(lines[lines.size() - 2], (LiveLine{Style::alarm, "lines: lag 7; no~"}));
  EXPECT_EQ(lines.back(), (LiveLine{Style::plain, "write: lag 0"}));
  EXPECT_THAT(plain_line(view), testing::EndsWith("queued 12; lines: lag 7; no broker; write: lag 0"));
  for (int i = 0; i < 50; ++i) {
    view.now.components.push_back({.id = "bolt"});
    view.rates.emplace_back();
  }
  const auto full = live_table(view, {.columns = 80, .rows = 10});
  ASSERT_EQ(full.size(), 9u);
  EXPECT_EQ(full[6].text, "and 48 more");
  EXPECT_EQ(full[7].text, "lines: lag 7; no broker");
}

TEST(PlainLine, SaysRatesAndSums) {
  EXPECT_EQ(plain_line(word_count()),
            "00:12 word-count running: lines 12.3k/s, split 12.0k/s; acked 61,234, failed 0, queued 12");
}

TEST(PlainLine, NamesAFewComponentsOfMany) {
  LiveView view = word_count();
  for (int i = 0; i < 50; ++i) {
    view.now.components.push_back({.id = "b"});
    view.rates.emplace_back();
  }
  EXPECT_EQ(plain_line(view),
            "00:12 word-count running: lines 12.3k/s, split 12.0k/s, b 0/s, b 0/s, b 0/s, b 0/s, b 0/s, b 0/s, and 44 more; "
            "acked 61,234, "
            "failed 0, queued 12");
}

}  // namespace
}  // namespace sparse::cli
