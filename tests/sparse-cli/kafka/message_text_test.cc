// Tests of messages as lines.
#include "sparse-cli/kafka/message_text.h"

#include <gmock/gmock.h>

#include "sparse-cli/kafka/line_splitter.h"

namespace sparse::cli {
namespace {

std::string json(const ShownMessage& message) {
  std::string out;
  append_json_line(out, message);
  return out;
}

TEST(JsonLine, HasAllOfAMessage) {
  const ShownMessage message{.topic = "lines",
                             .partition = 3,
                             .offset = 7,
                             .key = "k",
                             .value = "to \"be\"\n",
                             .timestamp = 1700000000000,
                             .headers = {{"a", "b"}, {"a", std::nullopt}}};
  EXPECT_EQ(json(message), R"({"topic":"lines","partition":3,"offset":7,"key":"k","value":"to \"be\"\n",)"
                           R"("timestamp":1700000000000,"headers":[{"name":"a","value":"b"},{"name":"a","value":null}]})"
                           "\n");
}

TEST(JsonLine, TellsNullFromEmptyAndBytesFromText) {
  EXPECT_EQ(json({.topic = "t", .value = ""}),
            "{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"key\":null,\"value\":\"\",\"timestamp\":null,\"headers\":[]}\n");
  const std::pair<std::string, const char*> cases[] = {
      {"\xff", "/w=="}, {"\xff\xfe", "//4="}, {"\xff\xfe\xfd", "//79"}, {std::string("a\x80\0b", 4), "YYAAYg=="}};
  for (const auto& [bytes, text] : cases)
    EXPECT_THAT(json({.topic = "t", .value = bytes}), testing::HasSubstr(std::string("\"value\":{\"base64\":\"") + text + "\"}"));
}

TEST(PlainLine, IsTheValueAndTheKeyIfAsked) {
  std::string out;
  append_plain(out, {.topic = "t", .key = "k", .value = "v"}, false);
  append_plain(out, {.topic = "t", .key = "k", .value = "v"}, true);
  append_plain(out, {.topic = "t"}, true);
  EXPECT_EQ(out, "v\nk\tv\n\t\n");
}

TEST(LineSplitter, TakesPiecesAsTheyCome) {
  LineSplitter lines;
  std::vector<std::string> found;
  for (const char* piece : {"a\nb", "", "c\n\n", "d"}) {
    lines.append(piece);
    while (const auto line = lines.next()) found.emplace_back(*line);
  }
  EXPECT_THAT(found, testing::ElementsAre("a", "bc", ""));
  EXPECT_EQ(lines.rest(), "d");
  EXPECT_EQ(lines.rest(), std::nullopt);
}

}  // namespace
}  // namespace sparse::cli
