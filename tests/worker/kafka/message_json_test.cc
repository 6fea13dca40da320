// JSON texts of messages: what becomes of them, and which are refused, with what reason.
#include "worker/kafka/message_json.h"

#include <gtest/gtest.h>

namespace sparse::kafka {
namespace {

TEST(Json, becomes_values) {
  const std::pair<std::string, Value> cases[] = {
      {R"({"a":[1,2.5,null,true,"x"],"b":{"c":{}}})",
       Value::Map{{"a", Value::List{1, 2.5, nullptr, true, "x"}}, {"b", Value::Map{{"c", Value::Map()}}}}},
      {" [ ] ", Value::List()},
      {"7", 7},
      {"-0", 0},
      {"9223372036854775807", INT64_MAX},
      {"-9223372036854775808", INT64_MIN},
      {"1e3", 1000.0},
      {"-1.7976931348623157e308", -1.7976931348623157e308},
      {"1e-400", 0.0},
      {"0.12345678901234567890123", 0.12345678901234568},
      {R"("\u00e9\n")", "\xc3\xa9\n"},
      {R"({"":1,"a":2})", Value::Map{{"", 1}, {"a", 2}}},
      {"\"" + std::string(200, '[') + "\"", std::string(200, '[')}};
  for (const auto& [text, expected] : cases) {
    const auto value = read_json(text);
    ASSERT_TRUE(value) << text << ": " << value.error().message;
    EXPECT_EQ(*value, expected) << text;
  }
}

TEST(Json, that_a_value_cannot_be_is_refused_with_a_reason) {
  std::string many = "{";
  for (int i = 0; i < 40; ++i) many += "\"k" + std::to_string(i) + "\":0,";
  const std::pair<std::string, std::string> cases[] = {
      {"9223372036854775808", "the integer 9223372036854775808 does not fit into 64 bits"},
      {"[18446744073709551615]", "the integer 18446744073709551615 does not fit into 64 bits"},
      {"-9223372036854775809", "the integer -9223372036854775809 does not fit into 64 bits"},
      {R"({"n":123456789012345678901234567890})", "the integer 123456789012345678901234567890 does not fit into 64 bits"},
      {"[" + std::string(100, '9') + "]", "the integer " + std::string(60, '9') + "… does not fit into 64 bits"},
      {R"({"n":1e400})", "the number 1e400 is too large for 64 bits"},
      {"-1.5e999", "the number -1.5e999 is too large for 64 bits"},
      {R"({"a":1,"b":2,"a":3})", "an object has the key \"a\" twice"},
      {many + R"("k7":1})", "an object has the key \"k7\" twice"},
      {"{", "it is no JSON"},
      {"", "it is no JSON"},
      {"{} {}", "it is no JSON"},
      {"01", "it is no JSON"},
      {"NaN", "it is no JSON"},
      {"\"\xff\"", "it is no JSON"},
      {std::string(129, '[') + std::string(129, ']'), "it is JSON of more than 128 levels"}};
  for (const auto& [text, reason] : cases) {
    const auto value = read_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().message, reason) << text;
  }
  EXPECT_TRUE(read_json(std::string(128, '[') + std::string(128, ']')));
}

}  // namespace
}  // namespace sparse::kafka
