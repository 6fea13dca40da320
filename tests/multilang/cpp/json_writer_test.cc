// Values in, JSON out.
#include "multilang/cpp/json_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace sparse::multilang {
namespace {

using testing::HasSubstr;

std::string written(const Value& value) {
  std::string to = "before ";
  const Uncarried why = append_value(to, value);
  if (why.empty()) return to.substr(7);
  EXPECT_EQ(to, "before ");
  return "uncarried: " + why;
}

TEST(JsonWriter, WritesEveryType) {
  const struct {
    Value value;
    const char* json;
  } cases[] = {
      {Value(), "null"},
      {Value(true), "true"},
      {Value(false), "false"},
      {Value(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808"},
      {Value(0), "0"},
      {Value(1.0), "1.0"},
      {Value(-0.0), "-0.0"},
      {Value(0.1), "0.1"},
      {Value(1e22), "1e+22"},
      {Value(5e-324), "5e-324"},
      {Value(1.7976931348623157e308), "1.7976931348623157e+308"},
      {Value("word"), "\"word\""},
      {Value(Value::Binary{"text"}), "\"text\""},
      {Value(Value::List{}), "[]"},
      {Value(Value::Map{}), "{}"},
      {Value(Value::List{1, Value::List{"a"}, Value::Map{{"k", Value()}, {"l", Value(2)}}}), R"([1,["a"],{"k":null,"l":2}])"},
  };
  for (const auto& c : cases) EXPECT_EQ(written(c.value), c.json);
}

TEST(JsonWriter, EscapesWhatJsonWantsEscapedAndNothingElse) {
  EXPECT_EQ(written("a\"b\\c/d\n\r\t\b\f"), R"("a\"b\\c/d\n\r\t\b\f")");
  EXPECT_EQ(written(std::string("\0\x01\x1f\x7f", 4)), R"("\u0000\u0001\u001f\u007f")");
  EXPECT_EQ(written("é€😀 \u2028"), "\"é€😀 \u2028\"");
  // In each place of the eight bytes that are looked at together.
  for (std::size_t at = 0; at < 20; ++at) {
    std::string text(20, 'x'), json(20, 'x');
    text[at] = '"';
    json.replace(at, 1, "\\\"");
    EXPECT_EQ(written(text), "\"" + json + "\"");
    text.replace(at, 1, "é");
    EXPECT_EQ(written(text), "\"" + text + "\"");
  }
}

TEST(JsonWriter, NamesWhatJsonCannotCarry) {
  Value deep = 1;
  for (int i = 0; i < 200; ++i) deep = Value::List{deep};
  const struct {
    Value value;
    const char* why;
  } cases[] = {
      {Value(std::numeric_limits<double>::quiet_NaN()), "NaN"},
      {Value(-std::numeric_limits<double>::infinity()), "infinite"},
      {Value("\xff"), "not valid UTF-8"},
      {Value(Value::Binary{"\x80"}), "bytes that are not valid UTF-8"},
      {Value(Value::Map{{"\xc0\x80", Value(1)}}), "a key of a map"},
      {deep, "128 levels"},
  };
  for (const auto& c : cases) EXPECT_THAT(written(c.value), HasSubstr(c.why));
}

TEST(JsonWriter, ChecksUtf8AsStrictlyAsChildrenDo) {
  for (const char* good :
       {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_EQ(written(good), "\"" + std::string(good) + "\"");
  for (const char* bad : {"\x80", "\xc1\xbf", "\xc2", "\xc2x", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x90\x80"})
    EXPECT_THAT(written(bad), HasSubstr("not valid UTF-8")) << bad;
}

TEST(JsonWriter, NamesTheFieldOfATupleThatCannotBeCarried) {
  CellArena arena;
  Cell cells[3];
  cells[0].set(std::int64_t{7});
  cells[1].set(std::string_view("x"));
  cells[2].set(std::numeric_limits<double>::infinity());
  std::string to;
  EXPECT_EQ(append_values(to, cells, 2), "");
  EXPECT_EQ(to, "[7,\"x\"]");
  EXPECT_EQ(append_values(to, cells, 3), "field 2 cannot be carried to the child: it is infinite, which JSON cannot carry");
  EXPECT_EQ(to, "[7,\"x\"]");
}

}  // namespace
}  // namespace sparse::multilang
