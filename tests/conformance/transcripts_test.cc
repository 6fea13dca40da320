// The parent's side of the transcripts: the codec reads what children say in them, and writes their other lines byte by byte.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "multilang/cpp/batch_protocol.h"
#include "multilang/cpp/cell_builder.h"
#include "multilang/cpp/json_protocol.h"

namespace sparse::multilang {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kEnd = "\nend\n";

// `\n`, `\r` and `\\` as in PROTOCOL.md; the child's number is 1, and `$ANY` is nothing.
std::string bytes_of(std::string text) {
  for (const auto& [name, value] : {std::pair{"$PID", "1"}, std::pair{"$ANY", ""}})
    while (text.find(name) != std::string::npos) text.replace(text.find(name), std::strlen(name), value);
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      bytes += text[i];
      continue;
    }
    ++i;
    bytes += text[i] == 'n' ? '\n' : text[i] == 'r' ? '\r' : text[i];
  }
  return bytes;
}

std::vector<std::string> lines_of(const std::filesystem::path& path, std::string_view prefix) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(prefix) && !line.starts_with(std::string(prefix) + "$"))
      lines.push_back(bytes_of(line.substr(prefix.size())));
  return lines;
}

bool is_batched(const std::filesystem::path& path) { return path.filename().string().starts_with("batch_"); }

std::vector<std::filesystem::path> transcripts() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(SPARSE_TRANSCRIPTS))
    if (!is_batched(entry.path())) paths.push_back(entry.path());
  return paths;
}

std::vector<std::string> messages_of(std::string_view bytes) {
  std::vector<std::string> messages;
  for (std::size_t end = bytes.find(kEnd); end != std::string_view::npos; end = bytes.find(kEnd)) {
    messages.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end + kEnd.size());
  }
  EXPECT_EQ(bytes, "");
  return messages;
}

void push(CellBuilder& builder, const Json& value) {
  if (value.is_string())
    builder.push(std::string_view(value.get_ref<const std::string&>()));
  else if (value.is_number_integer())
    builder.push(value.get<std::int64_t>());
  else if (value.is_number_float())
    builder.push(value.get<double>());
  else
    ADD_FAILURE() << "the transcripts have no such value: " << value;
}

void append_tuple(JsonProtocol& protocol, std::string& to, const Json& message) {
  const std::int64_t id = std::stoll(message["id"].get<std::string>());
  const Json& values = message["tuple"];
  const std::string& stream = message["stream"].get_ref<const std::string&>();
  if (stream == "__heartbeat") return protocol.heartbeat(to);
  if (stream == "__tick") return protocol.tick(to, id, values[0].get<std::int64_t>());
  if (stream == "__finish") return protocol.finish(to, id);
  CellBuilder builder;
  for (const Json& value : values) push(builder, value);
  const TupleMessage tuple{.id = id,
                           .component = message["comp"].get_ref<const std::string&>(),
                           .stream = stream,
                           .task = message["task"].get<TaskId>(),
                           .cells = builder.seal(0),
                           .count = static_cast<std::uint32_t>(values.size())};
  EXPECT_EQ(protocol.tuple(to, tuple), "");
}

// What our codec writes for a message of the parent.
std::string written(JsonProtocol& protocol, const Json& message) {
  std::string to;
  if (message.is_array()) {
    protocol.task_ids(to, message.get<std::vector<TaskId>>());
  } else if (!message.contains("command")) {
    append_tuple(protocol, to, message);
  } else {
    const std::vector<std::string> names = {"activate", "deactivate", "next", "ack", "fail"};
    const auto found = std::find(names.begin(), names.end(), message["command"].get<std::string>());
    protocol.command(to, static_cast<SpoutCommand>(found - names.begin()), message["id"].dump());
  }
  return to;
}

TEST(Transcripts, AreThere) { EXPECT_GE(transcripts().size(), 6U); }

TEST(Transcripts, HaveOnlyMessagesOfChildrenThatTheCodecReads) {
  for (const auto& path : transcripts()) {
    JsonProtocol protocol;
    for (const std::string& bytes : lines_of(path, "<< ")) {
      const auto room = protocol.room(bytes.size());
      std::memcpy(room.data(), bytes.data(), bytes.size());
      protocol.filled(bytes.size());
      const Inbound inbound = protocol.next();
      const auto* message = std::get_if<ChildMessage>(&inbound);
      ASSERT_NE(message, nullptr) << path << ": " << bytes;
      EXPECT_FALSE(std::holds_alternative<OddMessage>(*message)) << path << ": " << bytes;
      if (const auto* emit = std::get_if<EmitMessage>(message)) {
        EXPECT_EQ(emit->rejected, "") << path << ": " << bytes;
      }
      EXPECT_TRUE(std::holds_alternative<Nothing>(protocol.next())) << path << ": " << bytes;
    }
  }
}

TEST(Transcripts, HaveTheBytesThatTheCodecWritesToChildren) {
  JsonProtocol protocol;
  for (const auto& path : transcripts()) {
    const auto lines = lines_of(path, ">> ");
    for (std::size_t i = 1; i < lines.size(); ++i) {
      std::string expected;
      for (const std::string& message : messages_of(lines[i])) expected += written(protocol, Json::parse(message));
      EXPECT_EQ(lines[i], expected) << path;
    }
  }
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    text += digits;
  }
  return text;
}

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return bytes;
}

// The names of the messages in a transcript's batches of the child.
std::vector<std::string> said_in_batches(const std::filesystem::path& path) {
  std::vector<std::string> said;
  BatchProtocol protocol("");
  for (const std::string& line : lines_of(path, "<<x ")) {
    const std::string bytes = unhex(line);
    std::memcpy(protocol.room(bytes.size()).data(), bytes.data(), bytes.size());
    protocol.filled(bytes.size());
    for (;;) {
      const Inbound inbound = protocol.next();
      if (std::holds_alternative<Nothing>(inbound)) break;
      const auto* message = std::get_if<ChildMessage>(&inbound);
      if (!message) return {"lost: " + std::get<LostFraming>(inbound).rule};
      if (const auto* emit = std::get_if<EmitMessage>(message)) {
        std::string text = "emit " + std::string(ValueView(emit->cells[0]).string());
        for (const std::int64_t id : emit->anchor_numbers) text += " @" + std::to_string(id);
        said.push_back(text + (emit->id.empty() ? "" : " id " + std::string(emit->id)));
      } else if (const auto* rows = std::get_if<RowsMessage>(message)) {
        const std::string id = std::to_string(rows->id);
        for (std::uint32_t row = 0; row < rows->rows; ++row)
          said.push_back("emit " + std::string(ValueView(rows->cells[row * rows->fields]).string()) + " @" + id);
        if (rows->acked) said.push_back("ack " + id);
      } else if (const auto* ack = std::get_if<AckMessage>(message)) {
        said.push_back("ack " + std::to_string(*ack->number));
      } else if (const auto* sync = std::get_if<SyncMessage>(message)) {
        said.emplace_back(sync->exhausted ? "exhausted" : "sync");
      } else {
        said.push_back("message " + std::to_string(message->index()));
      }
    }
  }
  return said;
}

TEST(Transcripts, OfBatchesAreReadAsWhatTheirCommentsSay) {
  const std::filesystem::path folder = SPARSE_TRANSCRIPTS;
  using Said = std::vector<std::string>;
  EXPECT_EQ(said_in_batches(folder / "batch_bolt.txt"),
            (Said{"emit the @1", "emit \"cow\" @1", "ack 1", "emit moo @2", "ack 2", "sync", "ack 17", "ack 18"}));
  EXPECT_EQ(said_in_batches(folder / "batch_spout.txt"),
            (Said{"sync", "emit one id 1", "emit two id 2", "exhausted", "sync", "emit two id 2", "exhausted", "exhausted"}));
}

TEST(Transcripts, OfBatchesHaveTheBytesThatTheCodecWrites) {
  const std::filesystem::path folder = SPARSE_TRANSCRIPTS;
  BatchProtocol protocol("");
  std::vector<std::string> written(4);
  Cell cell;
  cell.set(std::string_view("the \"cow\""));
  EXPECT_EQ(protocol.tuple(written[0], {1, "lines", "default", 1, &cell, 1}), "");
  cell.set(std::string_view("moo"));
  EXPECT_EQ(protocol.tuple(written[0], {2, "lines", "default", 1, &cell, 1}), "");
  protocol.close_batch(written[0]);
  protocol.heartbeat(written[1]);
  protocol.tick(written[2], 17, 60);
  protocol.finish(written[3], 18);
  for (std::string& bytes : written) bytes = hex(bytes);
  EXPECT_EQ(lines_of(folder / "batch_bolt.txt", ">>x "), written);

  std::vector<std::string> commands(5);
  const auto command = [&](std::size_t line, SpoutCommand what, std::string_view id) {
    protocol.command(commands[line], what, id);
  };
  command(0, SpoutCommand::activate, "");
  protocol.close_batch(commands[0]);
  for (const std::size_t line : {1u, 3u}) {
    protocol.ask(commands[line], 256);
    protocol.close_batch(commands[line]);
  }
  command(2, SpoutCommand::ack, "1");
  command(2, SpoutCommand::fail, "2");
  protocol.close_batch(commands[2]);
  command(4, SpoutCommand::ack, "2");
  command(4, SpoutCommand::deactivate, "");
  protocol.close_batch(commands[4]);
  for (std::string& bytes : commands) bytes = hex(bytes);
  EXPECT_EQ(lines_of(folder / "batch_spout.txt", ">>x "), commands);
}

TEST(Transcripts, BeginWithHandshakesOfTheKeysThatTheCodecWrites) {
  topology::Topology topology;
  topology.components.push_back({.id = "lines", .is_spout = true});
  const std::vector<std::string_view> tasks = {"", "lines"};
  const auto handshake = handshake_json({topology, topology.components[0], 1, tasks, "/dir"});
  ASSERT_TRUE(handshake);
  const auto keys = [](const Json& object) {
    std::vector<std::string> names;
    for (const auto& [name, value] : object.items()) names.push_back(name);
    return names;
  };
  const Json ours = Json::parse(*handshake);
  for (const auto& path : transcripts()) {
    const Json theirs = Json::parse(messages_of(lines_of(path, ">> ").at(0)).at(0));
    EXPECT_EQ(keys(theirs), keys(ours)) << path;
    EXPECT_EQ(keys(theirs["conf"]), keys(ours["conf"])) << path;
    EXPECT_EQ(keys(theirs["context"]), keys(ours["context"])) << path;
  }
}

}  // namespace
}  // namespace sparse::multilang
