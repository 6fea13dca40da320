// The whole codec: bytes of a child in, messages, its own output and lost framing out; and what is written to a child.
#include "multilang/cpp/json_protocol.h"

#include <gtest/gtest.h>

#include <cstring>

namespace sparse::multilang {
namespace {

std::string shown(JsonProtocol& protocol, std::string_view bytes) {
  const auto room = protocol.room(bytes.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  protocol.filled(bytes.size());
  std::string result;
  while (true) {
    const Inbound inbound = protocol.next();
    if (std::holds_alternative<Nothing>(inbound)) return result;
    if (const auto* text = std::get_if<OutputText>(&inbound)) result += "text<" + std::string(text->text) + "> ";
    if (const auto* message = std::get_if<ChildMessage>(&inbound)) result += "message" + std::to_string(message->index()) + " ";
    if (const auto* lost = std::get_if<LostFraming>(&inbound))
      return result + "lost: " + lost->rule + ": " + std::string(lost->text);
  }
}

TEST(JsonProtocol, ReadsWhatChildrenWrite) {
  const struct {
    std::string bytes;
    std::string shown;
  } cases[] = {
      {"{\"pid\":1}\nend\n{\"command\":\"sync\"}\nend\n", "message0 message6 "},
      {"hi\n{\"command\":\"sync\"}\nend\n{\"command\":\"sync\"}\nend\n", "text<hi> message6 message6 "},
      {"caf\xe9\n{\"command\":\"sync\"}\nend\n", "text<caf\xe9> message6 "},
      {"hi\nend\n", "lost: what is before a line \"end\" is not one JSON object: hi"},
      {"caf\xe9\nend\n", "lost: a message is not valid UTF-8: caf\xe9"},
      {"{\"command\":\"emit\",\"tuple\":[" + std::string(200, '[') + std::string(200, ']') + "]}\nend\n",
       "lost: a message is nested more than 128 levels deep: {\"command\":\"emit\",\"tuple\":[" + std::string(200, '[') +
           std::string(200, ']') + "]}"},
      {std::string(1001, 'x'), "lost: a message is larger than 1000 bytes: " + std::string(1001, 'x')},
  };
  for (const auto& c : cases) {
    JsonProtocol protocol(1000);
    EXPECT_EQ(shown(protocol, c.bytes), c.shown);
  }
}

TEST(JsonProtocol, WritesTheBytesThatChildrenExpect) {
  JsonProtocol protocol;
  Cell cells[2];
  cells[0].set(std::string_view("the cow"));
  cells[1].set(2.0);
  std::string to;
  EXPECT_EQ(protocol.tuple(to, {-5, "lines", "default", 3, cells, 2}), "");
  EXPECT_EQ(to, "{\"id\":\"-5\",\"comp\":\"lines\",\"stream\":\"default\",\"task\":3,\"tuple\":[\"the cow\",2.0]}\nend\n");
  to.clear();
  protocol.heartbeat(to);
  EXPECT_EQ(to, "{\"id\":\"-1\",\"comp\":null,\"stream\":\"__heartbeat\",\"task\":-1,\"tuple\":[]}\nend\n");
  to.clear();
  protocol.tick(to, 17, 60);
  EXPECT_EQ(to, "{\"id\":\"17\",\"comp\":\"__system\",\"stream\":\"__tick\",\"task\":-1,\"tuple\":[60]}\nend\n");
  to.clear();
  protocol.finish(to, 3);
  EXPECT_EQ(to, "{\"id\":\"3\",\"comp\":\"__system\",\"stream\":\"__finish\",\"task\":-1,\"tuple\":[]}\nend\n");
  to.clear();
  protocol.task_ids(to, {});
  protocol.task_ids(to, std::vector<TaskId>{3, 4});
  EXPECT_EQ(to, "[]\nend\n[3,4]\nend\n");
  to.clear();
  protocol.command(to, SpoutCommand::next, "");
  protocol.command(to, SpoutCommand::fail, "{\"a\": 1}");
  EXPECT_EQ(to, "{\"command\":\"next\",\"id\":\"\"}\nend\n{\"command\":\"fail\",\"id\":{\"a\": 1}}\nend\n");
}

TEST(JsonProtocol, WritesNothingOfATupleThatCannotBeCarried) {
  JsonProtocol protocol;
  Cell cell;
  cell.set(std::string_view("\xff"));
  std::string to = "x";
  EXPECT_NE(protocol.tuple(to, {1, "a", "b", 1, &cell, 1}), "");
  EXPECT_EQ(to, "x");
}

}  // namespace
}  // namespace sparse::multilang
