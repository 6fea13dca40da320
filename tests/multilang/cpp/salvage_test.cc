// Messages among other text.
#include "multilang/cpp/salvage.h"

#include <gtest/gtest.h>

namespace sparse::multilang {
namespace {

// Looks like a message: good enough to test the search.
bool looks_like_message(std::string_view text) {
  return text.starts_with('{') && text.ends_with('}') &&
         (text.find("\"command\"") != text.npos || text.find("\"pid\"") != text.npos) && text.find("broken") == text.npos;
}

std::string shown(std::string_view text) {
  std::string result;
  for (const Piece& piece : salvage(text, looks_like_message))
    result += (piece.message ? "M<" : "T<") + std::string(piece.text) + "> ";
  return result;
}

TEST(Salvage, FindsMessagesAmongOtherText) {
  const struct {
    const char* text;
    const char* pieces;
  } cases[] = {
      {"", ""},
      {"hello", ""},
      {"{\"command\" broken}", ""},
      {"hello\n{\"command\":\"sync\"}", "T<hello> M<{\"command\":\"sync\"}> "},
      {"a\nb\n{\"command\":\"sync\"}\nc", "T<a\nb> M<{\"command\":\"sync\"}> T<c> "},
      {"50% {\"command\":\"sync\"}", "T<50%> M<{\"command\":\"sync\"}> "},
      {"x {y} { \"pid\": 3}", "T<x {y}> M<{ \"pid\": 3}> "},
      {"{\"command\":\"ack\"}\nxend\n{\"command\":\"sync\"}", "M<{\"command\":\"ack\"}> T<xend> M<{\"command\":\"sync\"}> "},
      {"{\"id\":1,\"command\":\"ack\"}\nx", "M<{\"id\":1,\"command\":\"ack\"}> T<x> "},
      {"hello\n{\n\"command\":\n\"sync\"\n}", "T<hello> M<{\n\"command\":\n\"sync\"\n}> "},
      {"{\n{\n{\"a\":\n\"command\" broken", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(shown(c.text), c.pieces) << c.text;
}

TEST(Salvage, DoesNotTryForEver) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "{\n";
  int tries = 0;
  EXPECT_TRUE(salvage(text + "\"command\"", [&](std::string_view) { return ++tries, false; }).empty());
  EXPECT_LE(tries, 20);
}

}  // namespace
}  // namespace sparse::multilang
