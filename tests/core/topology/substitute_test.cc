// Variables in the text of topology files, and .properties files.
#include "core/topology/substitute.h"

#include <gtest/gtest.h>

namespace sparse::topology {
namespace {

const std::map<std::string, std::string> kEnvironment = {{"HOME_TOWN", "Bern"}};

Variables variables(bool env_filter) {
  return {.values = {{"a", "1"}, {"b.c", "two words"}, {"list", "[\"x\", 'y', z]"}, {"empty", ""}, {"lines", "p\nq"}},
          .env_filter = env_filter,
          .environment = [](const std::string& name) -> std::optional<std::string> {
            const auto found = kEnvironment.find(name);
            return found == kEnvironment.end() ? std::nullopt : std::optional(found->second);
          }};
}

struct Case {
  std::string text;
  std::string result;
};

TEST(Substitute, PutsValuesInThePlaceOfVariables) {
  const Case cases[] = {
      {"plain $ text $5 {a}", "plain $ text $5 {a}"},
      {"${a} ${b.c}, ${a}", "1 two words, 1"},
      {"${list[0]} ${list[1]} ${list[2]} ${list}", "x y z [\"x\", 'y', z]"},
      {"${ENV-HOME_TOWN}", "Bern"},
      {"$${a} $$${a}", "${a} $${a}"},
      {"<${empty}>", "<>"},
      {"# ${unknown} ${a}\n  # ${unknown}\n", "# ${unknown} 1\n  # ${unknown}\n"},
      {"", ""},
      {"$", "$"},
  };
  for (const auto& [text, result] : cases) {
    Findings findings;
    EXPECT_EQ(substitute(text, variables(true), "f.yaml", findings).text, result);
    EXPECT_FALSE(findings.has_errors()) << text;
  }
}

struct Flaw {
  std::string text;
  int line;
  int column;
  int end_column;
  std::string message;
  std::string label;
};

TEST(Substitute, ReportsEveryVariableWithoutAValue) {
  const Flaw flaws[] = {
      {"x: ${bb.c}", 1, 4, 11, "the variable \"bb.c\" has no value", "did you mean \"b.c\"?"},
      {"\n  é ${list[3]}", 2, 5, 15, "the list list has no element 3", ""},
      {"${nolist[0]}", 1, 1, 13, "the variable \"nolist[0]\" has no value", ""},
      {"${ENV-NOWHERE}", 1, 1, 15, "the environment variable NOWHERE is not set", ""},
      {"${unclosed", 1, 1, 3, "`${` begins no variable", ""},
      {"${}", 1, 1, 3, "`${` begins no variable", ""},
      {"${a:-b}", 1, 1, 3, "`${` begins no variable", ""},
  };
  for (const Flaw& flaw : flaws) {
    Findings findings;
    substitute(flaw.text, variables(true), "f.yaml", findings);
    const auto found = findings.finish();
    ASSERT_EQ(found.size(), 1u) << flaw.text;
    EXPECT_EQ(found[0].message, flaw.message);
    EXPECT_EQ(found[0].label, flaw.label);
    EXPECT_EQ(found[0].line, flaw.line) << flaw.text;
    EXPECT_EQ(found[0].column, flaw.column) << flaw.text;
    EXPECT_EQ(found[0].end_column, flaw.end_column) << flaw.text;
  }
  Findings findings;
  substitute("${x} ${y}\n${z}", variables(true), "f.yaml", findings);
  EXPECT_EQ(findings.errors(), 3u);
}

TEST(Substitute, ReadsTheEnvironmentOnlyWhenAsked) {
  Findings findings;
  substitute("${ENV-HOME_TOWN}", variables(false), "f.yaml", findings);
  const auto found = findings.finish();
  EXPECT_EQ(found.at(0).message, "the environment variable HOME_TOWN is not substituted");
  EXPECT_EQ(found.at(0).help.at(0), "environment variables are substituted with --env-filter only");
}

TEST(Substitute, KnowsWhereInTheUsersTextEachByteComesFrom) {
  const std::string text = "ab ${b.c} cd $${e} f";
  Findings findings;
  const Substituted result = substitute(text, variables(true), "f.yaml", findings);
  ASSERT_EQ(result.text, "ab two words cd ${e} f");
  const std::pair<std::size_t, std::size_t> places[] = {{0, 0},  {2, 2},   {3, 3},   {7, 3},  {11, 3},
                                                        {12, 9}, {13, 10}, {18, 16}, {21, 19}};
  for (const auto& [offset, origin] : places) EXPECT_EQ(result.origin(offset), origin) << offset;
}

TEST(Properties, AreReadAsJavaReadsThem) {
  const auto entries = parse_properties(
      "# comment\n! comment\n\na=1\n b : two words  \nc 3\nd\\ e=\\t\\u00e9\\ud83d\\ude00\\x\nlong=one \\\n    "
      "two\nempty=\nnothing\na=last\n"
      "url=http://x:1/y=z\nend=\\");
  ASSERT_TRUE(entries);
  const std::map<std::string, std::string> wanted = {{"a", "last"},     {"b", "two words  "},      {"c", "3"},
                                                     {"d e", "\té😀x"}, {"long", "one two"},       {"empty", ""},
                                                     {"nothing", ""},   {"url", "http://x:1/y=z"}, {"end", ""}};
  EXPECT_EQ(*entries, wanted);
  EXPECT_EQ(parse_properties("a=\\u12\nb=1").error().message, "line 1: \\u wants four hexadecimal digits");
  EXPECT_EQ(parse_properties("a=1\nb=\\u12g4").error().message, "line 2: \\u wants four hexadecimal digits");
}

}  // namespace
}  // namespace sparse::topology
