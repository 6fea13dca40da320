// Diagnostics as text and JSON, and the wording of suggestions.
#include "core/config/diagnostic.h"

#include <gtest/gtest.h>

#include "core/config/suggest.h"

namespace sparse {
namespace {

const Sources kSources = {{"wordcount.yaml", "one\ntwo\n  - {a: \"é\", fields: [wrod]}\n\tx: y\n"}};

Diagnostic at(int line, int column, int end_column = 0) {
  return {
      .code = "SP1203", .file = "wordcount.yaml", .line = line, .column = column, .end_column = end_column, .message = "wrong"};
}

TEST(Diagnostic, IsRenderedWithExcerptCaretsNotesAndHelp) {
  Diagnostic diagnostic = at(3, 23);
  diagnostic.label = "did you mean \"word\"?";
  diagnostic.notes = {"a note"};
  diagnostic.related = {{"wordcount.yaml", 1, 2, "fields are declared"}};
  diagnostic.help = {"do this"};
  EXPECT_EQ(render_text(diagnostic, kSources),
            "error[SP1203]: wrong\n"
            " --> wordcount.yaml:3:23\n"
            "  |\n"
            "3 |   - {a: \"é\", fields: [wrod]}\n"
            "  |                       ^^^^ did you mean \"word\"?\n"
            "  = note: a note\n"
            "  = note: fields are declared at wordcount.yaml:1:2\n"
            "  = help: do this\n");
}

TEST(Diagnostic, MarksTheGivenColumns) {
  EXPECT_EQ(render_text(at(3, 9, 12), kSources),
            "error[SP1203]: wrong\n --> wordcount.yaml:3:9\n  |\n3 |   - {a: \"é\", fields: [wrod]}\n  |         ^^^\n");
}

TEST(Diagnostic, GoesWithoutExcerptWhereThereIsNone) {
  EXPECT_EQ(render_text(at(0, 0), kSources), "error[SP1203]: wrong\n --> wordcount.yaml\n");
  EXPECT_EQ(render_text(at(99, 1), kSources), "error[SP1203]: wrong\n  --> wordcount.yaml:99:1\n");
  Diagnostic nowhere{.severity = Severity::warning, .code = "SP1", .message = "m", .label = "did you mean x?"};
  EXPECT_EQ(render_text(nowhere, {}), "warning[SP1]: m\n  = note: did you mean x?\n");
}

TEST(Diagnostic, ShowsTabsAsOneBlankAndCutsLongLines) {
  EXPECT_EQ(render_text(at(4, 2), kSources), "error[SP1203]: wrong\n --> wordcount.yaml:4:2\n  |\n4 |  x: y\n  |  ^\n");
  const Sources long_line = {{"wordcount.yaml", std::string(500, 'a') + " here " + std::string(500, 'b')}};
  const std::string text = render_text(at(1, 502), long_line);
  EXPECT_LT(text.size(), 500u);
  EXPECT_NE(text.find(" here "), std::string::npos);
  const std::size_t excerpt = text.find("1 | ") + 4;
  const std::size_t carets = text.find("  | ", excerpt) + 4;
  // One character `…` of three bytes comes before.
  EXPECT_EQ(text.find("here") - excerpt - 2, text.find('^') - carets);
}

TEST(Diagnostic, IsAnObjectInJson) {
  Diagnostic diagnostic = at(3, 23, 27);
  diagnostic.help = {"do \"this\""};
  diagnostic.related = {{"g.yaml", 1, 2, "see"}};
  EXPECT_EQ(render_json({diagnostic}),
            R"([{"severity":"error","code":"SP1203","file":"wordcount.yaml","line":3,"column":23,"endLine":3,"endColumn":27,)"
            R"("message":"wrong","label":"","notes":[],"help":["do \"this\""],)"
            R"("related":[{"file":"g.yaml","line":1,"column":2,"message":"see"}]}])");
  EXPECT_EQ(render_json({}), "[]");
}

TEST(Diagnostic, ListsAreSortedByPlace) {
  std::vector<Diagnostic> list = {at(3, 1), at(1, 5), at(1, 2)};
  list.push_back({.code = "SP1", .message = "no file"});
  sort_by_place(list);
  EXPECT_EQ(list[0].column, 2);
  EXPECT_EQ(list[1].column, 5);
  EXPECT_EQ(list[2].line, 3);
  EXPECT_TRUE(list[3].file.empty());
  EXPECT_TRUE(has_errors(list));
}

TEST(Suggest, NamesWhatWasMeant) {
  EXPECT_EQ(did_you_mean("wrod", {"line", "word"}), "did you mean \"word\"?");
  EXPECT_EQ(did_you_mean("zebra", {"line", "word"}), "");
  EXPECT_EQ(did_you_mean("wrod", std::vector<std::string>(600, "word")), "");
  EXPECT_EQ(quoted_list({"a"}), "\"a\"");
  EXPECT_EQ(quoted_list({"a", "b", "c"}), "\"a\", \"b\" and \"c\"");
  EXPECT_EQ(bracketed({"a", "b"}), "[\"a\", \"b\"]");
}

}  // namespace
}  // namespace sparse
