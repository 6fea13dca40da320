// Tests of numbers and what they count.
#include "core/base/counted.h"

#include <gtest/gtest.h>

namespace sparse {
namespace {

TEST(Counted, GroupsThousands) {
  const std::pair<std::uint64_t, const char*> cases[] = {
      {0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}, {18446744073709551615u, "18,446,744,073,709,551,615"}};
  for (const auto& [number, text] : cases) EXPECT_EQ(grouped(number), text);
}

TEST(Counted, OneIsSingular) {
  const std::pair<std::uint64_t, const char*> cases[] = {{0, "0 lines"}, {1, "1 line"}, {2, "2 lines"}, {1001, "1,001 lines"}};
  for (const auto& [number, text] : cases) EXPECT_EQ(counted(number, "line"), text);
}

}  // namespace
}  // namespace sparse
