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

TEST(Json, becomes_values_within_its_limits) {
  const auto value = read_json(R"({"a":[1,2.5,null,true,"x"],"b":18446744073709551615})");
  ASSERT_TRUE(value) << value.error().message;
  const Value expected = Value::Map{{"a", Value::List{1, 2.5, nullptr, true, "x"}}, {"b", 18446744073709551616.0}};
  EXPECT_EQ(*value, expected);
  EXPECT_FALSE(read_json("{"));
  EXPECT_FALSE(read_json(""));
  EXPECT_FALSE(read_json(std::string(200, '[') + std::string(200, ']')));
  EXPECT_TRUE(read_json("\"" + std::string(200, '[') + "\""));
}

}  // namespace
}  // namespace sparse::kafka
