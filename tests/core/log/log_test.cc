// Tests of the form of log lines.
#include "core/log/log.h"

#include <gmock/gmock.h>

namespace sparse {
namespace {

/// The lines without their times.
std::vector<std::string> lines_of(Level least, const std::vector<LogEntry>& entries) {
  std::vector<std::string> lines;
  auto log = make_line_log(least, [&](std::string_view line) { lines.emplace_back(line.substr(13)); });
  for (const LogEntry& entry : entries) log->write(entry);
  return lines;
}

TEST(Log, NamesComponentTaskAndLevel) {
  EXPECT_THAT(lines_of(Level::info, {{.level = Level::info, .component = "split", .task = 4, .text = "text"},
                                     {.level = Level::error, .component = "split", .text = "text"},
                                     {.level = Level::warn, .text = "text"}}),
              testing::ElementsAre("split#4 INFO  text\n", "split ERROR text\n", "WARN  text\n"));
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  EXPECT_THAT(lines_of(Level::warn, {{.level = Level::info, .text = "a"}, {.level = Level::warn, .text = "b"}}),
              testing::ElementsAre("WARN  b\n"));
}

TEST(Log, ShowsControlCharactersInsteadOfObeyingThem) {
  EXPECT_THAT(lines_of(Level::info, {{.text = "a\x1b[2Jb\nc\td\n"}}), testing::ElementsAre("INFO  a\\x1b[2Jb\n    c\td\n"));
}

}  // namespace
}  // namespace sparse
