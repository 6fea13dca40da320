// Writes JSON for children: appends to a buffer, as fast as it can.
#include "multilang/cpp/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "multilang/cpp/json_reader.h"
#include "multilang/cpp/utf8.h"

namespace sparse::multilang {
namespace {

// 0: copied as it is; 1: part of a longer UTF-8 sequence; else the letter after the backslash, `u` for \u00XX.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < 0x20; ++i) table[i] = 'u';
  for (std::size_t i = 0x80; i < 0x100; ++i) table[i] = 1;
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['"'] = '"';
  table['\\'] = '\\';
  table[0x7f] = 'u';
  return table;
}();

constexpr std::uint64_t kOnes = 0x0101010101010101u;
constexpr std::uint64_t kTops = 0x8080808080808080u;

// True if one of eight bytes is not plain: below 0x20, a quote, a backslash, or 0x7f and above.
bool special(std::uint64_t word) {
  const auto has_zero = [](std::uint64_t x) { return (x - kOnes) & ~x & kTops; };
  return ((word & kTops) | ((word - kOnes * 0x20) & ~word & kTops) | has_zero(word ^ (kOnes * '"')) |
          has_zero(word ^ (kOnes * '\\')) | has_zero(word ^ (kOnes * 0x7f))) != 0;
}

void append_real(std::string& to, double value) {
  char digits[40];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  to += text;
  // Readers tell integers from doubles by the looks.
  if (text.find_first_of(".e") == std::string_view::npos) to += ".0";
}

Uncarried append_nested(std::string& to, ValueView value, int depth);

Uncarried append_elements(std::string& to, ListView list, int depth) {
  to += '[';
  bool first = true;
  for (const ValueView item : list) {
    if (!first) to += ',';
    first = false;
    if (Uncarried why = append_nested(to, item, depth + 1); !why.empty()) return why;
  }
  to += ']';
  return {};
}

Uncarried append_pairs(std::string& to, MapView map, int depth) {
  to += '{';
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (i > 0) to += ',';
    if (!append_text(to, map.key(i))) return "a key of a map is text that is not valid UTF-8";
    to += ':';
    if (Uncarried why = append_nested(to, map.value(i), depth + 1); !why.empty()) return why;
  }
  to += '}';
  return {};
}

Uncarried append_nested(std::string& to, ValueView value, int depth) {
  if (depth > kDepthLimit) return "it is nested more than " + std::to_string(kDepthLimit) + " levels deep";
  switch (value.type()) {
    case Type::null: to += "null"; return {};
    case Type::boolean: to += value.boolean() ? "true" : "false"; return {};
    case Type::integer: append_integer(to, value.integer()); return {};
    case Type::real:
      if (!std::isfinite(value.real()))
        return std::isnan(value.real()) ? "it is NaN, which JSON cannot carry" : "it is infinite, which JSON cannot carry";
      append_real(to, value.real());
      return {};
    case Type::string: return append_text(to, value.string()) ? Uncarried() : "it is text that is not valid UTF-8";
    case Type::bytes:
      return append_text(to, value.bytes()) ? Uncarried() : "it is bytes that are not valid UTF-8, which JSON cannot carry";
    case Type::list: return append_elements(to, value.list(), depth);
    case Type::map: return append_pairs(to, value.map(), depth);
  }
  return "it is of an unknown type";
}

}  // namespace

bool append_text(std::string& to, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  to += '"';
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  const auto* plain = at;
  const auto flush = [&] { to.append(reinterpret_cast<const char*>(plain), static_cast<std::size_t>(at - plain)); };
  while (at != end) {
    if (end - at >= 8) {
      std::uint64_t word;
      std::memcpy(&word, at, 8);
      if (!special(word)) {
        at += 8;
        continue;
      }
    }
    const char escape = kEscapes[*at];
    if (escape == 0) {
      ++at;
    } else if (escape == 1) {
      const std::size_t length = utf8_sequence(at, end);
      if (length == 0) return false;
      at += length;
    } else {
      flush();
      to += '\\';
      to += escape;
      if (escape == 'u') {
        to += "00";
        to += kHex[*at >> 4];
        to += kHex[*at & 15];
      }
      plain = ++at;
    }
  }
  flush();
  to += '"';
  return true;
}

void append_integer(std::string& to, std::int64_t value) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  to.append(digits, end);
}

Uncarried append_value(std::string& to, ValueView value) {
  const std::size_t before = to.size();
  Uncarried why = append_nested(to, value, 1);
  if (!why.empty()) to.resize(before);
  return why;
}

Uncarried append_value(std::string& to, const Value& value) {
  CellArena arena;
  Cell cell;
  arena.set(cell, value);
  return append_value(to, ValueView(cell));
}

Uncarried append_values(std::string& to, const Cell* cells, std::uint32_t count) {
  const std::size_t before = to.size();
  to += '[';
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0) to += ',';
    if (const Uncarried why = append_nested(to, ValueView(cells[i]), 1); !why.empty()) {
      to.resize(before);
      return "field " + std::to_string(i) + " cannot be carried to the child: " + why;
    }
  }
  to += ']';
  return {};
}

}  // namespace sparse::multilang
