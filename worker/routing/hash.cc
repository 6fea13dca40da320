#include "worker/routing/hash.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace sparse::worker {
namespace {

void append_bytes(std::string& out, const void* bytes, std::size_t size) { out.append(static_cast<const char*>(bytes), size); }
void append_tag(std::string& out, Type type) { out += static_cast<char>(type); }
void append_count(std::string& out, std::size_t count) {
  const auto value = static_cast<std::uint32_t>(count);
  append_bytes(out, &value, sizeof value);
}
void append_integer(std::string& out, std::int64_t value) {
  append_tag(out, Type::integer);
  append_bytes(out, &value, sizeof value);
}

void append_real(std::string& out, double value) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (value >= -kLimit && value < kLimit && value == std::trunc(value))
    return append_integer(out, static_cast<std::int64_t>(value));
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  append_tag(out, Type::real);
  append_bytes(out, &value, sizeof value);
}

void append_map(std::string& out, MapView map) {
  std::vector<std::size_t> order(map.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return map.key(a) < map.key(b); });
  append_tag(out, Type::map);
  append_count(out, map.size());
  for (const std::size_t i : order) {
    append_tag(out, Type::string);
    append_count(out, map.key(i).size());
    out += map.key(i);
    append_canonical(out, map.value(i));
  }
}

}  // namespace

void append_canonical(std::string& out, ValueView value) {
  switch (value.type()) {
    case Type::null: append_tag(out, Type::null); break;
    case Type::boolean:
      append_tag(out, Type::boolean);
      out += value.boolean() ? '\1' : '\0';
      break;
    case Type::integer: append_integer(out, value.integer()); break;
    case Type::real: append_real(out, value.real()); break;
    case Type::string:
    case Type::bytes: {
      const std::string_view text = value.type() == Type::string ? value.string() : value.bytes();
      append_tag(out, value.type());
      append_count(out, text.size());
      out += text;
      break;
    }
    case Type::list:
      append_tag(out, Type::list);
      append_count(out, value.list().size());
      for (ValueView item : value.list()) append_canonical(out, item);
      break;
    case Type::map: append_map(out, value.map()); break;
  }
}

std::uint64_t fields_hash(const Cell* cells, std::span<const std::uint16_t> positions) {
  if (positions.size() == 1 && cells[positions[0]].type() == Type::string && cells[positions[0]].size() <= 120) {
    // The common case, without the detour through a string: one short text.
    const Cell& cell = cells[positions[0]];
    char bytes[125];
    const std::uint32_t size = cell.size();
    bytes[0] = static_cast<char>(Type::string);
    std::memcpy(bytes + 1, &size, sizeof size);
    std::memcpy(bytes + 5, cell.target(), size);
    return XXH3_64bits(bytes, 5 + size);
  }
  thread_local std::string bytes;
  bytes.clear();
  for (const std::uint16_t position : positions) append_canonical(bytes, ValueView(cells[position]));
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace sparse::worker
