// Any bytes from a child process, in pieces of any size: no crash, an end after lost framing, and views that can be read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <type_traits>
#include <variant>

#include "multilang/cpp/batch_protocol.h"
#include "multilang/cpp/json_protocol.h"

namespace {

using namespace sparse::multilang;

constexpr std::size_t kLimit = 1 << 14;  // small, so that inputs reach it

std::size_t touched = 0;  // keeps the reads

void touch(std::string_view text) {
  for (const char c : text) touched += static_cast<unsigned char>(c);
}

void touch_message(const ChildMessage& message) {
  if (const auto* emit = std::get_if<EmitMessage>(&message)) {
    touch(emit->stream);
    touch(emit->id);
    touch(emit->rejected);
    for (const std::string_view anchor : emit->anchors) touch(anchor);
    if (!emit->rejected.empty() && emit->count != 0) std::abort();
    for (std::uint32_t i = 0; i < emit->count; ++i) {
      // An owning copy visits the whole value.
      const sparse::Value copy{sparse::ValueView(emit->cells[i])};
      touched += static_cast<std::size_t>(copy.type());
    }
  } else if (const auto* rows = std::get_if<RowsMessage>(&message)) {
    if (rows->rows == 0 && !rows->acked) std::abort();
    for (std::uint32_t i = 0; i < rows->rows * rows->fields; ++i) {
      const sparse::Value copy{sparse::ValueView(rows->cells[i])};
      touched += static_cast<std::size_t>(copy.type());
    }
  } else if (const auto* ack = std::get_if<AckMessage>(&message)) {
    touch(ack->id);
  } else if (const auto* fail = std::get_if<FailMessage>(&message)) {
    touch(fail->id);
    touch(fail->reason);
  } else if (const auto* log = std::get_if<LogMessage>(&message)) {
    touch(log->text);
  }
}

/// False once the framing is lost.
bool drain(ChildProtocol& protocol) {
  for (;;) {
    const Inbound inbound = protocol.next();
    if (std::holds_alternative<Nothing>(inbound)) return true;
    if (const auto* lost = std::get_if<LostFraming>(&inbound)) {
      if (lost->rule.empty()) std::abort();
      touch(lost->text);
      return false;
    }
    if (const auto* text = std::get_if<OutputText>(&inbound)) touch(text->text);
    if (const auto* message = std::get_if<ChildMessage>(&inbound)) touch_message(*message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // The first byte says which framing, and how large the pieces are.
  const std::size_t piece = (data[0] & 0x7f) == 0 ? 4096 : data[0] & 0x7f;
  JsonProtocol json(kLimit);
  BatchProtocol batches("", kLimit);
  ChildProtocol& protocol = (data[0] & 0x80) != 0 ? static_cast<ChildProtocol&>(batches) : json;
  for (std::size_t at = 1; at < size;) {
    const std::size_t count = std::min(piece, size - at);
    const std::span<char> room = protocol.room(count);
    if (room.size() < count) std::abort();
    std::memcpy(room.data(), data + at, count);
    protocol.filled(count);
    at += count;
    if (!drain(protocol)) return 0;
    if (protocol.partial().size() > kLimit + room.size()) std::abort();
  }
  return 0;
}
