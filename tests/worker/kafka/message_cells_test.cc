// Formats of keys and values.
#include "worker/kafka/message_cells.h"

#include <gtest/gtest.h>

namespace sparse::kafka {
namespace {

TEST(Utf8, is_told_from_other_bytes) {
  for (const char* good :
       {"", "plain", "eight chars and more", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "12345678\xc3\xa9"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* wrong :
       {"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "12345678\x80"})
    EXPECT_FALSE(is_utf8(wrong)) << wrong;
}

}  // namespace
}  // namespace sparse::kafka
