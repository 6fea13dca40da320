// Tests of the layout of tables.
#include "sparse-cli/text_table.h"

#include <gmock/gmock.h>

namespace sparse::cli {
namespace {

using testing::ElementsAre;

const std::vector<Column> kColumns = {
    {.title = "name", .right = false}, {.title = "count"}, {.title = "rate", .rank = 1}, {.title = "queue", .rank = 2}};
const std::vector<std::vector<std::string>> kRows = {{"lines", "12", "3.4k", "0"}, {"a-long-name", "123456", "0", "7"}};

TEST(Layout, AlignsWordsLeftAndFiguresRight) {
  EXPECT_THAT(layout(kColumns, kRows, 0), ElementsAre("name          count  rate  queue", "lines            12  3.4k      0",
                                                      "a-long-name  123456     0      7"));
}

TEST(Layout, DropsColumnsByRankUntilItFits) {
  EXPECT_THAT(layout(kColumns, kRows, 31),
              ElementsAre("name          count  rate", "lines            12  3.4k", "a-long-name  123456     0"));
  EXPECT_THAT(layout(kColumns, kRows, 20), ElementsAre("name          count", "lines            12", "a-long-name  123456"));
}

TEST(Layout, CutsTheFirstColumnThenTheLine) {
  EXPECT_THAT(layout(kColumns, kRows, 16), ElementsAre("name       count", "lines         12", "a-long-~  123456"));
  for (std::size_t width = 1; width < 40; ++width)
    for (const std::string& line : layout(kColumns, kRows, width)) EXPECT_LE(line.size(), width);
}

TEST(Layout, KeepsTheHeadingWithoutRows) { EXPECT_THAT(layout(kColumns, {}, 80), ElementsAre("name  count  rate  queue")); }

}  // namespace
}  // namespace sparse::cli
