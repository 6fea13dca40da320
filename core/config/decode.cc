// Bytes of a file as text: encodings, line ends, forbidden characters; and places of bytes in a text.
#include <fmt/format.h>

#include <algorithm>

#include "core/config/yaml.h"

namespace sparse::yaml {
namespace {

constexpr std::size_t kBlock = 64;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Length of the well-formed UTF-8 sequence at `at`, or 0. Overlong forms, surrogates and what lies past U+10FFFF are not.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF && tail(1)) return 2;
  if (first >= 0xE0 && first <= 0xEF && tail(1) && tail(2)) {
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) >= 0xA0) return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4 && tail(1) && tail(2) && tail(3)) {
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) >= 0x90) return 0;
    return 4;
  }
  return 0;
}

struct Flaw {
  std::size_t offset = 0;
  std::string message = {};
  std::string help = {};
};

Flaw find_flaw(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == 0) return {at, "the file contains a NUL byte", "is this a text file?"};
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F)
      return {at, fmt::format("the file contains the control character 0x{:02x}", byte),
              "remove it, or write it as an escape inside double quotes"};
    const std::size_t length = sequence_length(text, at);
    if (length == 0) return {at, fmt::format("the byte 0x{:02x} is not valid UTF-8 here", byte), "save the file as UTF-8"};
    at += length;
  }
  return {};
}

}  // namespace

LineIndex::LineIndex(std::string_view text) : text_(text), starts_{0} {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % kBlock == 0) characters_.push_back(characters);
    if (begins_character(text[i])) ++characters;
    if (text[i] == '\n') starts_.push_back(i + 1);
  }
  characters_.push_back(characters);
}

std::size_t LineIndex::characters_before(std::size_t offset) const {
  std::size_t count = characters_[offset / kBlock];
  if (offset == text_.size()) return characters_.back();
  for (std::size_t i = offset / kBlock * kBlock; i < offset; ++i) count += begins_character(text_[i]) ? 1 : 0;
  return count;
}

Position LineIndex::at(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const std::size_t line = static_cast<std::size_t>(next - starts_.begin());
  return {static_cast<int>(line), static_cast<int>(characters_before(offset) - characters_before(starts_[line - 1]) + 1)};
}

Decoded decode(std::string_view bytes, const ParseOptions& options) {
  Decoded decoded;
  const auto refuse = [&](std::string code, Position at, std::string message, std::string help) {
    decoded.diagnostics.push_back({.code = std::move(code),
                                   .file = options.file,
                                   .line = at.line,
                                   .column = at.column,
                                   .message = std::move(message),
                                   .help = {std::move(help)}});
  };
  if (bytes.size() > options.limits.bytes) {
    refuse("SP1002", {}, fmt::format("the file has {} bytes; a topology file may have {}", bytes.size(), options.limits.bytes),
           "split it with `includes:`, or pass data to components by file");
    return decoded;
  }
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    refuse("SP1003", {}, "the file is encoded in UTF-16 or UTF-32", "save it as UTF-8");
    return decoded;
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  if (const Flaw flaw = find_flaw(bytes); !flaw.message.empty()) {
    refuse("SP1003", LineIndex(bytes).at(flaw.offset), flaw.message, flaw.help);
    return decoded;
  }
  decoded.text.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != '\r')
      decoded.text += bytes[i];
    else if (i + 1 == bytes.size() || bytes[i + 1] != '\n')
      decoded.text += '\n';
  }
  return decoded;
}

}  // namespace sparse::yaml
