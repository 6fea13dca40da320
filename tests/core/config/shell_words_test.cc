// Command lines split as a shell splits them.
#include "core/config/shell_words.h"

#include <gtest/gtest.h>

namespace sparse {
namespace {

using Words = std::vector<std::string>;

struct Case {
  std::string line;
  Words words;
};

TEST(ShellWords, AreSplitAtBlanksThatNothingProtects) {
  const Case cases[] = {
      {"python3 split.py", {"python3", "split.py"}},
      {"  a\tb \n c ", {"a", "b", "c"}},
      {"a 'b c' \"d e\"", {"a", "b c", "d e"}},
      {"a'b'\"c\"d", {"abcd"}},
      {"a '' b", {"a", "", "b"}},
      {"a\\ b 'c\\d' \"e\\\"f\\g\"", {"a b", "c\\d", "e\"f\\g"}},
      {"awk '{print $1}'", {"awk", "{print $1}"}},
      {"a \\$b \"\\$c\" '|'", {"a", "$b", "$c", "|"}},
  };
  for (const auto& [line, words] : cases) {
    const auto split = shell_words(line);
    ASSERT_TRUE(split) << line;
    EXPECT_EQ(*split, words) << line;
  }
}

TEST(ShellWords, RefuseWhatOnlyAShellCouldDo) {
  for (const char* line :
       {"", "  ", "a 'b", "a \"b", "a \\", "a | b", "a > b", "a $HOME", "\"$HOME\"", "`a`", "a *.py", "a; b", "a && b"})
    EXPECT_FALSE(shell_words(line)) << line;
}

}  // namespace
}  // namespace sparse
