// The YAML reader: trees with places, merge keys and aliases, limits that name themselves, errors with places.
#include "core/config/yaml.h"

#include <gtest/gtest.h>

namespace sparse::yaml {
namespace {

Parsed parsed(const std::string& text, Limits limits = {}) {
  ParseOptions options;
  options.file = "f.yaml";
  options.limits = limits;
  return parse(text, options);
}

// The tree on one line: quoted texts in quotes, nulls as ~.
std::string shown(const Node& node) {
  std::string out;
  switch (node.kind) {
    case Kind::null: return "~";
    case Kind::scalar: return node.quoted ? "'" + node.text + "'" : node.text;
    case Kind::sequence:
      for (const Node& item : node.items) out += (out.empty() ? "" : ", ") + shown(item);
      return "[" + out + "]";
    case Kind::map:
      for (const auto& [key, value] : node.pairs) out += (out.empty() ? "" : ", ") + key.text + ": " + shown(value);
      return "{" + out + "}";
  }
  return out;
}

struct Tree {
  std::string text;
  std::string tree;
};

TEST(Yaml, BecomesATree) {
  const Tree trees[] = {
      {"", "~"},
      {"a: b\nc: [1, 'two', \"th\\x72ee\"]\n", "{a: b, c: [1, 'two', 'three']}"},
      {"- |\n  block\n- >\n  folded\n  text\n", "['block\n', 'folded text\n']"},
      {"a:\nb: ~\nc: null\nd: ''\n", "{a: ~, b: ~, c: ~, d: ''}"},
      {"a: &x {k: 1}\nb: *x\nc: [*x, *x]\n", "{a: {k: 1}, b: {k: 1}, c: [{k: 1}, {k: 1}]}"},
      {"base: &b {x: 1, y: 2}\nmine: {y: 3, <<: *b, z: 4}\n", "{base: {x: 1, y: 2}, mine: {y: 3, z: 4, x: 1}}"},
      {"a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n", "{a: {x: 1}, b: {x: 2, y: 2}, c: {x: 1, y: 2}}"},
      {"'<<': 1\n", "{<<: 1}"},
      {"? a\n: b\n", "{a: b}"},
      {"[a: 1, b]", "[{a: 1}, b]"},
      {"%YAML 1.2\n---\na: 1\n", "{a: 1}"},
  };
  for (const auto& [text, tree] : trees) {
    const Parsed result = parsed(text);
    EXPECT_EQ(shown(result.root), tree) << text;
    EXPECT_TRUE(result.complete) << text;
  }
}

TEST(Yaml, KnowsThePlaceOfEachNode) {
  const Parsed result = parsed("a: 'x y'\né: &n !!str word  # comment\nlist:\n  - \"ü\"\n  - |\n    block\n");
  ASSERT_TRUE(result.complete);
  const Node& root = result.root;
  EXPECT_EQ(root.pairs[0].second.begin, (Position{1, 4}));
  EXPECT_EQ(root.pairs[0].second.end, (Position{1, 9}));
  EXPECT_EQ(root.pairs[1].first.begin, (Position{2, 1}));
  EXPECT_EQ(root.pairs[1].second.begin, (Position{2, 13}));
  EXPECT_EQ(root.pairs[1].second.end, (Position{2, 17}));
  EXPECT_EQ(root.pairs[1].second.tag, "!!str");
  const Node& list = root.pairs[2].second;
  EXPECT_EQ(list.items[0].begin, (Position{4, 5}));
  EXPECT_EQ(list.items[0].end, (Position{4, 8}));
  EXPECT_EQ(list.items[1].begin, (Position{5, 5}));
}

struct Flaw {
  std::string text;
  std::string code;
  int line;
  int column;
  std::string message;
};

TEST(Yaml, SaysWhatIsWrongAndWhere) {
  const Flaw flaws[] = {
      {"a: [b\nc: d\n", "SP1001", 2, 2, "a list that begins with `[` is not closed before this place"},
      {"a: {b: c\n", "SP1001", 2, 1, "a map that begins with `{` is not closed before this place"},
      {"a: b\n c: d\n", "SP1001", 2, 3, "a `:` does not belong here"},
      {"a: [{b: c]\n", "SP1001", 1, 10, "this bracket closes nothing"},
      {"a: [{b: c, d:", "SP1001", 1, 13, "the file ends inside a list or map"},
      {"a: @b\n", "SP1001", 1, 4, "text cannot begin with this character"},
      {"a: \"\\q\"\n", "SP1001", 1, 7, "this does not stand after `\\` in double quotes"},
      {"a:\n\tb: c\n", "SP1001", 2, 1, "a tab cannot indent YAML"},
      {"a: \"b\n", "SP1001", 1, 4, "a quoted text has no end"},
      {"a: *b\n", "SP1001", 1, 4, "the alias names no anchor"},
      {"a: &a [*a]\n", "SP1001", 1, 8, "the alias stands inside the node that it repeats"},
      {"a: 1\n---\nb: 2\n", "SP1001", 2, 1, "a second YAML document begins here"},
      {"a: 1\nb: 2\na: 3\n", "SP1004", 3, 1, "duplicate key \"a\""},
      {"<<: 1\n", "SP1005", 1, 5, "the merge key \"<<\" takes a map or a list of maps"},
      {"[a]: 1\n", "SP1001", 1, 1, "a list or map cannot be a key"},
      {"a: !mine b\n", "SP1001", 1, 10, "the YAML tag \"!mine\" is unknown"},
  };
  for (const Flaw& flaw : flaws) {
    const Parsed result = parsed(flaw.text);
    ASSERT_FALSE(result.diagnostics.empty()) << flaw.text;
    const Diagnostic& found = result.diagnostics.front();
    EXPECT_EQ(found.message, flaw.message);
    EXPECT_EQ(found.code, flaw.code) << flaw.text;
    EXPECT_EQ(found.file, "f.yaml");
    EXPECT_EQ(std::pair(found.line, found.column), std::pair(flaw.line, flaw.column)) << flaw.text;
    EXPECT_FALSE(result.complete);
  }
}

TEST(Yaml, ReportsAllDuplicateKeysAndKeepsTheFirstValue) {
  const Parsed result = parsed("a: 1\na: 2\nb: {c: 1, c: 2}\n");
  EXPECT_EQ(result.diagnostics.size(), 2u);
  EXPECT_EQ(shown(result.root), "{a: 1, b: {c: 1}}");
  EXPECT_EQ(result.diagnostics[0].related[0].line, 1);
}

TEST(Yaml, NamesTheLimitThatWasHit) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'j'; ++c) {
    const std::string one = std::string("*") + static_cast<char>(c - 1);
    bomb += std::string(1, c) + ": &" + c + " [" + one + ", " + one + ", " + one + ", " + one + ", " + one + "]\n";
  }
  EXPECT_EQ(parsed(bomb).diagnostics.at(0).message, "more than 100000 YAML nodes, counting every use of an alias");
  std::string many = "[";
  for (int i = 0; i < 20; ++i) many += "x, ";
  EXPECT_EQ(parsed(many + "]", {.nodes = 10}).diagnostics.at(0).message,
            "more than 10 YAML nodes, counting every use of an alias");
  const std::string long_text = "a: &a " + std::string(300'000, 'x') + "\nb: [*a, *a, *a, *a]\n";
  EXPECT_EQ(parsed(long_text, {.expanded_bytes = 1u << 20}).diagnostics.at(0).message,
            "more than 1 MiB of text after aliases are expanded");
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parsed(nested(100)).complete);
  EXPECT_EQ(parsed(nested(101)).diagnostics.at(0).message, "lists and maps are nested more than 100 deep");
  EXPECT_EQ(parsed(std::string(100'000, '[')).diagnostics.at(0).message, "lists and maps are nested more than 100 deep");
  EXPECT_EQ(parsed("a: &a " + nested(60) + "\nb: [&b [*a]]\nc: " + std::string(50, '[') + "*a" + std::string(50, ']'))
                .diagnostics.at(0)
                .message,
            "lists and maps are nested more than 100 deep");
}

struct Coded {
  std::string bytes;
  std::string text;
  std::string message;
};

TEST(Yaml, BytesBecomeTextOrAnError) {
  using namespace std::string_literals;
  const Coded cases[] = {
      {"\xEF\xBB\xBF"
       "a: b\r\nc: d\re: f\n",
       "a: b\nc: d\ne: f\n", ""},
      {"a: \tb\n", "a: \tb\n", ""},
      {"a: \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n", "a: é€😀\n", ""},
      {"a: \xFF\n", "", "the byte 0xff is not valid UTF-8 here"},
      {"a: \xC0\xAF\n", "", "the byte 0xc0 is not valid UTF-8 here"},
      {"a: \xED\xA0\x80\n", "", "the byte 0xed is not valid UTF-8 here"},
      {"a: \xE2\x82", "", "the byte 0xe2 is not valid UTF-8 here"},
      {"a: \0b\n"s, "", "the file contains a NUL byte"},
      {"a: \x1B[31m\n", "", "the file contains the control character 0x1b"},
      {"\xFF\xFE"
       "a\0"s,
       "", "the file is encoded in UTF-16 or UTF-32"},
  };
  for (const auto& [bytes, text, message] : cases) {
    const Decoded decoded = decode(bytes, {.file = "f.yaml"});
    EXPECT_EQ(decoded.text, text);
    EXPECT_EQ(decoded.diagnostics.empty() ? "" : decoded.diagnostics.front().message, message);
  }
  const Decoded large = decode(std::string(2000, 'x'), {.file = "f.yaml", .limits = {.bytes = 1000}});
  EXPECT_EQ(large.diagnostics.at(0).message, "the file has 2000 bytes; a topology file may have 1000");
}

}  // namespace
}  // namespace sparse::yaml
