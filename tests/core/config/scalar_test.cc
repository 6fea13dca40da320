// Scalars: the types of YAML 1.2 and the traps that readers of YAML disagree on.
#include "core/config/scalar.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sparse::yaml {
namespace {

Node plain(std::string text) { return {.kind = Kind::scalar, .text = std::move(text)}; }

// `integer 5`, `text`, `trap`…
std::string shown(const Scalar& scalar) {
  switch (scalar.type) {
    case Scalar::Type::null: return "null";
    case Scalar::Type::boolean: return scalar.boolean ? "true" : "false";
    case Scalar::Type::integer: return "integer " + std::to_string(scalar.integer);
    case Scalar::Type::real: return "real " + std::to_string(scalar.real);
    case Scalar::Type::text: return "text";
    case Scalar::Type::trap: return "trap";
  }
  return "";
}

struct Case {
  std::string text;
  std::string meaning;
};

TEST(Scalar, HasTheTypeOfYaml12) {
  const Case cases[] = {
      {"5", "integer 5"},
      {"-12", "integer -12"},
      {"+7", "integer 7"},
      {"0", "integer 0"},
      {"0x1F", "integer 31"},
      {"9223372036854775807", "integer 9223372036854775807"},
      {"-9223372036854775808", "integer -9223372036854775808"},
      {"1.5", "real 1.500000"},
      {".5", "real 0.500000"},
      {"5.", "real 5.000000"},
      {"-0.5", "real -0.500000"},
      {"1.5e3", "real 1500.000000"},
      {".inf", "real inf"},
      {"-.INF", "real -inf"},
      {"true", "true"},
      {"FALSE", "false"},
      {"True", "true"},
      {"tRue", "text"},
      {"", "text"},
      {"word", "text"},
      {"localhost:9092", "text"},
      {"n", "text"},
      {"y", "text"},
      {"1.2.3", "text"},
      {"100ms..10s", "text"},
      {"-", "text"},
      {"+", "text"},
      {".", "text"},
      {"e3", "text"},
      {"12:99", "text"},
      {"2026-11-24", "text"},
      {"0x", "text"},
  };
  for (const auto& [text, meaning] : cases) EXPECT_EQ(shown(classify(plain(text))), meaning) << text;
  EXPECT_TRUE(std::isnan(classify(plain(".nan")).real));
}

TEST(Scalar, IsATrapWhereReadersOfYamlDisagree) {
  const Case cases[] = {
      {"017", "write 17, or \"017\" in quotes if text is meant"},
      {"00", "write 0, or \"00\" in quotes if text is meant"},
      {"-08", "write 8, or \"-08\" in quotes if text is meant"},
      {"0o17", "write it as a decimal number, or \"0o17\" in quotes if text is meant"},
      {"0b101", "write it as a decimal number, or \"0b101\" in quotes if text is meant"},
      {"1e3", "write the number in full, as in 1000, or \"1e3\" in quotes if text is meant"},
      {"1:30", "write \"1:30\" in quotes if text is meant"},
      {"12:30:45", "write \"12:30:45\" in quotes if text is meant"},
      {"1_000", "write the number without `_`, or \"1_000\" in quotes if text is meant"},
      {"yes", "write true, or \"yes\" in quotes if text is meant"},
      {"No", "write false, or \"No\" in quotes if text is meant"},
      {"ON", "write true, or \"ON\" in quotes if text is meant"},
      {"off", "write false, or \"off\" in quotes if text is meant"},
      {"9223372036854775808", "write \"9223372036854775808\" in quotes if text is meant"},
      {"0xFFFFFFFFFFFFFFFF", "write \"0xFFFFFFFFFFFFFFFF\" in quotes if text is meant"},
      {"1.0e400", "write \"1.0e400\" in quotes if text is meant"},
  };
  for (const auto& [text, help] : cases) {
    const Scalar scalar = classify(plain(text));
    EXPECT_EQ(shown(scalar), "trap") << text;
    EXPECT_EQ(scalar.help, help);
    EXPECT_FALSE(scalar.trap.empty());
    Node quoted = plain(text);
    quoted.quoted = true;
    EXPECT_EQ(shown(classify(quoted)), "text") << text;
  }
}

struct Tagged {
  std::string tag;
  std::string text;
  std::string meaning;
};

TEST(Scalar, FollowsItsTag) {
  const Tagged cases[] = {{"!!str", "017", "text"},     {"!!int", "5", "integer 5"}, {"!!float", "5", "real 5.000000"},
                          {"!!bool", "TRUE", "true"},   {"!!null", "x", "null"},     {"!!int", "five", "trap"},
                          {"!!float", "1.5.6", "trap"}, {"!!bool", "yes", "trap"}};
  for (const auto& [tag, text, meaning] : cases) {
    Node node = plain(text);
    node.tag = tag;
    EXPECT_EQ(shown(classify(node)), meaning) << tag << " " << text;
  }
}

TEST(Scalar, IsDescribedAsUsersSeeIt) {
  EXPECT_EQ(describe({}), "nothing");
  EXPECT_EQ(describe({.kind = Kind::map}), "an empty map");
  EXPECT_EQ(describe({.kind = Kind::sequence}), "an empty list");
  EXPECT_EQ(describe({.kind = Kind::sequence, .items = {plain("a")}}), "a list");
  EXPECT_EQ(describe(plain("5")), "the number 5");
  EXPECT_EQ(describe(plain("true")), "the boolean true");
  EXPECT_EQ(describe(plain("two\nlines")), "the text \"two...\"");
  EXPECT_EQ(describe(plain("yes")), "`yes`");
}

}  // namespace
}  // namespace sparse::yaml
