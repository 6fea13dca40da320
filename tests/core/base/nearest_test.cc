// Tests of the search for the word that was meant.
#include "core/base/nearest.h"

#include <gtest/gtest.h>

namespace sparse {
namespace {

TEST(Nearest, CountsEdits) {
  struct Case {
    const char* a;
    const char* b;
    std::size_t distance;
  };
  const Case cases[] = {{"", "", 0},       {"run", "run", 0}, {"", "run", 3},          {"rnu", "run", 1}, {"sbmit", "submit", 1},
                        {"RUN", "run", 0}, {"abc", "xyz", 3}, {"kitten", "sitting", 3}};
  for (const Case& c : cases) {
    EXPECT_EQ(edit_distance(c.a, c.b), c.distance) << c.a << " " << c.b;
    EXPECT_EQ(edit_distance(c.b, c.a), c.distance) << c.b << " " << c.a;
  }
  EXPECT_LE(edit_distance(std::string(10'000, 'a'), std::string(10'000, 'b')), 128u);
}

TEST(Nearest, NamesTheNearestWordOrNone) {
  const std::vector<std::string> verbs = {"run", "validate", "schema", "visualize", "quickstart", "sdk", "completion"};
  struct Case {
    const char* word;
    const char* meant;
  };
  const Case cases[] = {{"rnu", "run"},
                        {"ru", "run"},
                        {"valdate", "validate"},
                        {"visualise", "visualize"},
                        {"quikstart", "quickstart"},
                        {"skd", "sdk"},
                        {"x", ""},
                        {"", ""},
                        {"frobnicate", ""},
                        {"completions", "completion"},
                        {"SCHEMA", "schema"},
                        {"rm", ""}};
  for (const Case& c : cases) EXPECT_EQ(nearest(c.word, verbs), c.meant) << c.word;
}

}  // namespace
}  // namespace sparse
