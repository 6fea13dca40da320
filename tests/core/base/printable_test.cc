// What a terminal would obey is shown instead.
#include "core/base/printable.h"

#include <gtest/gtest.h>

namespace sparse {
namespace {

TEST(Printable, ShowsControlCharactersAndKeepsAllElse) {
  EXPECT_EQ(printable("a\tb\nnaïve €"), "a\tb\nnaïve €");
  EXPECT_EQ(printable(std::string_view("\x1b[31m\r\x07\x7f\0", 9)), "\\x1b[31m\\x0d\\x07\\x7f\\x00");
  EXPECT_EQ(printable(""), "");
}

}  // namespace
}  // namespace sparse
