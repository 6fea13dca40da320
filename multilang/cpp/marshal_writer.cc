// Writes values of the batched framing: the part of Python's marshal format that PROTOCOL.md lists.
#include "multilang/cpp/marshal_writer.h"

#include <bit>
#include <cstring>
#include <limits>

#include "multilang/cpp/json_reader.h"
#include "multilang/cpp/utf8.h"

namespace sparse::multilang {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

template <class T>
void raw(std::string& to, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  to.append(bytes, sizeof value);
}

void counted(std::string& to, char tag, std::size_t count) {
  char bytes[5] = {tag};
  const auto size = static_cast<std::uint32_t>(count);
  std::memcpy(bytes + 1, &size, sizeof size);
  to.append(bytes, sizeof bytes);
}

void text_of(std::string& to, std::string_view text, bool ascii) {
  if (ascii && text.size() <= 255) {
    const char bytes[2] = {'z', static_cast<char>(text.size())};
    to.append(bytes, sizeof bytes);
  } else {
    counted(to, ascii ? 'a' : 'u', text.size());
  }
  to += text;
}

constexpr const char* kNoText = "text that is not UTF-8";
constexpr const char* kTooDeep = "a value nested more than 128 levels deep";

const char* value_of(std::string& to, const Cell& cell, int depth) {
  const ValueView view(cell);
  switch (cell.type()) {
    case Type::null: to += 'N'; break;
    case Type::boolean: to += view.boolean() ? 'T' : 'F'; break;
    case Type::integer: marshal_integer(to, view.integer()); break;
    case Type::real:
      to += 'g';
      raw(to, view.real());
      break;
    case Type::string: {
      const std::string_view text = view.string();
      const bool ascii = is_ascii(text);
      if (!ascii && !is_utf8(text)) return kNoText;
      text_of(to, text, ascii);
      break;
    }
    case Type::bytes:
      counted(to, 's', view.bytes().size());
      to += view.bytes();
      break;
    case Type::list:
      if (depth >= kDepthLimit) return kTooDeep;
      marshal_list(to, static_cast<std::uint32_t>(view.list().size()));
      for (const ValueView item : view.list())
        if (const char* why = value_of(to, item.cell(), depth + 1)) return why;
      break;
    case Type::map: {
      if (depth >= kDepthLimit) return kTooDeep;
      to += '{';
      const MapView pairs = view.map();
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (!is_utf8(pairs.key(i))) return kNoText;
        marshal_text(to, pairs.key(i));
        if (const char* why = value_of(to, pairs.value(i).cell(), depth + 1)) return why;
      }
      to += '0';
      break;
    }
  }
  return nullptr;
}

}  // namespace

void marshal_null(std::string& to) { to += 'N'; }

void marshal_integer(std::string& to, std::int64_t value) {
  if (value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max()) {
    char bytes[5] = {'i'};
    const auto small = static_cast<std::int32_t>(value);
    std::memcpy(bytes + 1, &small, sizeof small);
    to.append(bytes, sizeof bytes);
    return;
  }
  // Digits to the base of 2^15, the least one first; their number has the sign.
  std::uint64_t rest = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::uint16_t digits[5];
  std::int32_t count = 0;
  for (; rest != 0; rest >>= 15) digits[count++] = static_cast<std::uint16_t>(rest & 0x7fff);
  to += 'l';
  raw(to, value < 0 ? -count : count);
  for (std::int32_t i = 0; i < count; ++i) raw(to, digits[i]);
}

void marshal_text(std::string& to, std::string_view text) { text_of(to, text, is_ascii(text)); }

void marshal_list(std::string& to, std::uint32_t count) { counted(to, '[', count); }

void marshal_small_tuple(std::string& to, std::uint8_t count) {
  const char bytes[2] = {')', static_cast<char>(count)};
  to.append(bytes, sizeof bytes);
}

Uncarried marshal_fields(std::string& to, const Cell* cells, std::uint32_t count) {
  const std::size_t before = to.size();
  for (std::uint32_t i = 0; i < count; ++i) {
    const char* why = value_of(to, cells[i], 1);
    if (!why) continue;
    to.resize(before);
    return "value " + std::to_string(i) + " cannot be carried to a child: " + why;
  }
  return {};
}

Uncarried marshal_values(std::string& to, const Cell* cells, std::uint32_t count) {
  const std::size_t before = to.size();
  marshal_list(to, count);
  Uncarried why = marshal_fields(to, cells, count);
  if (!why.empty()) to.resize(before);
  return why;
}

}  // namespace sparse::multilang
