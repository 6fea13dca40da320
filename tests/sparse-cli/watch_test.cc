// Tests of what is watched, and what counts as a change.
#include "sparse-cli/watch.h"

#include <gtest/gtest.h>

namespace sparse::cli {
namespace {

TEST(Watch, LooksAtTopologiesPropertiesAndPython) {
  for (const char* name : {"a.yaml", "a.yml", "words.py", "prod.properties"}) EXPECT_TRUE(worth_watching(name)) << name;
  for (const char* name : {"a.txt", ".a.yaml", ".yaml", "words.pyc", "yaml", "", "a.yaml~"})
    EXPECT_FALSE(worth_watching(name)) << name;
}

TEST(Watch, NamesAFileThatIsNewGoneOrChanged) {
  const FileMarks before = {{"a", {1, 10, 5}}, {"b", {1, 10, 6}}};
  struct Case {
    FileMarks now;
    const char* changed;
  };
  const Case cases[] = {
      {before, ""},
      {{{"a", {2, 10, 5}}, {"b", {1, 10, 6}}}, "a"},
      {{{"a", {1, 10, 5}}, {"b", {1, 11, 6}}}, "b"},
      {{{"a", {1, 10, 5}}, {"b", {1, 10, 7}}}, "b"},
      {{{"a", {1, 10, 5}}}, "b"},
      {{{"a", {1, 10, 5}}, {"b", {1, 10, 6}}, {"c", {}}}, "c"},
  };
  for (const Case& c : cases) EXPECT_EQ(first_change(before, c.now), c.changed);
}

}  // namespace
}  // namespace sparse::cli
