// Storm's multi-lang protocol: JSON, each message followed by a line `end`.
#include "multilang/cpp/json_protocol.h"

namespace sparse::multilang {
namespace {

constexpr std::string_view kEnd = "\nend\n";

// Component, stream and field names are checked when a topology is read, but nothing here relies on it.
void append_name(std::string& to, std::string_view name) {
  const std::size_t before = to.size();
  if (append_text(to, name)) return;
  to.resize(before);
  to += "\"?\"";
}

}  // namespace

std::span<char> JsonProtocol::room(std::size_t at_least) {
  pieces_.clear();
  next_piece_ = 0;
  return framer_.room(at_least);
}

Inbound JsonProtocol::lost(BadText bad, std::string_view text) const {
  switch (bad.kind) {
    case BadText::Kind::bad_utf8: return LostFraming{"a message is not valid UTF-8", text};
    case BadText::Kind::too_deep:
      return LostFraming{"a message is nested more than " + std::to_string(kDepthLimit) + " levels deep", text};
    case BadText::Kind::not_json: break;
  }
  return LostFraming{"what is before a line \"end\" is not one JSON object", text};
}

Inbound JsonProtocol::next_piece() {
  const Piece piece = pieces_[next_piece_++];
  if (!piece.message) return OutputText{piece.text};
  auto read = reader_.read(piece.text);
  if (auto* message = std::get_if<ChildMessage>(&read)) return *message;
  return lost(std::get<BadText>(read), piece.text);
}

Inbound JsonProtocol::next() {
  if (next_piece_ < pieces_.size()) return next_piece();
  const auto text = framer_.next();
  if (!text) {
    if (!framer_.over_limit()) return Nothing{};
    return LostFraming{"a message is larger than " + std::to_string(limit_) + " bytes", framer_.partial()};
  }
  auto read = reader_.read(*text);
  if (auto* message = std::get_if<ChildMessage>(&read)) return *message;
  const BadText bad = std::get<BadText>(read);
  if (bad.kind == BadText::Kind::too_deep) return lost(bad, *text);
  pieces_ = salvage(*text, [this](std::string_view part) { return reader_.is_message(part); });
  next_piece_ = 0;
  return pieces_.empty() ? lost(bad, *text) : next_piece();
}

bool JsonProtocol::partial_is_text() const {
  const std::string_view text = partial();
  const auto start = text.find_first_not_of(" \r\n\t");
  return start == text.npos || text[start] != '{';
}

Result<std::string> JsonProtocol::handshake(const Handshake& handshake) {
  Result<std::string> json = handshake_json(handshake);
  if (json) *json += kEnd;
  return json;
}

Uncarried JsonProtocol::tuple(std::string& to, const TupleMessage& message) {
  const std::size_t before = to.size();
  to += "{\"id\":\"";
  append_integer(to, message.id);
  to += "\",\"comp\":";
  append_name(to, message.component);
  to += ",\"stream\":";
  append_name(to, message.stream);
  to += ",\"task\":";
  append_integer(to, message.task);
  to += ",\"tuple\":";
  Uncarried why = append_values(to, message.cells, message.count);
  if (!why.empty()) {
    to.resize(before);
    return why;
  }
  to += '}';
  to += kEnd;
  return {};
}

void JsonProtocol::heartbeat(std::string& to) {
  to += "{\"id\":\"-1\",\"comp\":null,\"stream\":\"__heartbeat\",\"task\":-1,\"tuple\":[]}";
  to += kEnd;
}

void JsonProtocol::tick(std::string& to, std::int64_t id, std::int64_t seconds) {
  to += "{\"id\":\"";
  append_integer(to, id);
  to += "\",\"comp\":\"__system\",\"stream\":\"__tick\",\"task\":-1,\"tuple\":[";
  append_integer(to, seconds);
  to += "]}";
  to += kEnd;
}

void JsonProtocol::finish(std::string& to, std::int64_t id) {
  to += "{\"id\":\"";
  append_integer(to, id);
  to += "\",\"comp\":\"__system\",\"stream\":\"__finish\",\"task\":-1,\"tuple\":[]}";
  to += kEnd;
}

void JsonProtocol::task_ids(std::string& to, std::span<const TaskId> tasks) {
  to += '[';
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (i > 0) to += ',';
    append_integer(to, tasks[i]);
  }
  to += ']';
  to += kEnd;
}

void JsonProtocol::command(std::string& to, SpoutCommand command, std::string_view id) {
  constexpr std::string_view kNames[] = {"activate", "deactivate", "next", "ack", "fail"};
  to += "{\"command\":\"";
  to += kNames[static_cast<unsigned>(command)];
  to += "\",\"id\":";
  to += id.empty() ? std::string_view("\"\"") : id;
  to += '}';
  to += kEnd;
}

}  // namespace sparse::multilang
