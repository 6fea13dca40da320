// Reads values of the batched framing: the part of Python's marshal format that PROTOCOL.md lists, from hostile hands.
#include "multilang/cpp/marshal_reader.h"

#include <cstdio>
#include <cstring>
#include <limits>

#include "multilang/cpp/json_reader.h"
#include "multilang/cpp/utf8.h"

namespace sparse::multilang {
namespace {

constexpr unsigned char kFlag = 0x80;           // a later reference may name this value
constexpr std::size_t kSharedKept = 64 * 1024;  // entries whose memory is kept from batch to batch
constexpr const char* kCut = "a value is longer than its batch";

const char* chars(const unsigned char* at) { return reinterpret_cast<const char*>(at); }

}  // namespace

void MarshalReader::start(std::string_view bytes) {
  at_ = reinterpret_cast<const unsigned char*>(bytes.data());
  end_ = at_ + bytes.size();
  shared_.clear();
  if (shared_.capacity() > kSharedKept) shared_.shrink_to_fit();
  broken_.clear();
  rejected_.clear();
}

bool MarshalReader::fail(std::string why) {
  broken_ = std::move(why);
  return false;
}

void MarshalReader::reject(std::string why) {
  if (rejected_.empty()) rejected_ = std::move(why);
}

bool MarshalReader::size(std::uint32_t& to) {
  if (left() < sizeof to) return fail(kCut);
  std::memcpy(&to, at_, sizeof to);
  at_ += sizeof to;
  return true;
}

std::optional<std::uint32_t> MarshalReader::list() {
  if (peek() != '[') return std::nullopt;
  if (*at_ & kFlag) shared_.emplace_back();
  ++at_;
  std::uint32_t count = 0;
  // Each item has at least one byte.
  if (!size(count) || count > left()) return std::nullopt;
  return count;
}

std::optional<std::uint32_t> MarshalReader::small_tuple() {
  if (peek() != ')' || left() < 2) return std::nullopt;
  if (*at_ & kFlag) shared_.emplace_back();
  const std::uint32_t count = at_[1];
  at_ += 2;
  return count;
}

void MarshalReader::integer(CellBuilder& cells, std::int64_t number, bool flagged) {
  cells.push(number);
  if (flagged) shared_.push_back({.type = Type::integer, .integer = number});
}

bool MarshalReader::text(CellBuilder& cells, std::size_t length, bool flagged) {
  if (left() < length) return fail(kCut);
  const std::string_view found(chars(at_), length);
  at_ += length;
  if (!is_ascii(found) && !is_utf8(found)) {
    reject("text that is not UTF-8");
    cells.push_null();
    if (flagged) shared_.push_back({.type = Type::string, .data = found.data()});
    return true;
  }
  cells.push(found);
  if (flagged) shared_.push_back({.type = Type::string, .size = static_cast<std::uint32_t>(length), .data = found.data()});
  return true;
}

bool MarshalReader::bytes(CellBuilder& cells, bool flagged) {
  std::uint32_t length = 0;
  if (!size(length)) return false;
  if (left() < length) return fail(kCut);
  cells.push(Bytes{{chars(at_), length}});
  if (flagged) shared_.push_back({.type = Type::bytes, .size = length, .data = chars(at_)});
  at_ += length;
  return true;
}

bool MarshalReader::long_integer(CellBuilder& cells, bool flagged) {
  std::uint32_t coded = 0;
  if (!size(coded)) return false;
  const bool negative = (coded & 0x80000000u) != 0;
  const std::uint32_t count = negative ? 0 - coded : coded;
  if (count > left() / 2) return fail(kCut);
  std::uint64_t sum = 0;
  bool wide = count > 5;
  for (std::uint32_t i = count; i-- > 0 && !wide;) {
    std::uint16_t digit = 0;
    std::memcpy(&digit, at_ + 2 * std::size_t{i}, sizeof digit);
    if (digit > 0x7fff) return fail("a digit of an integer is larger than 32767");
    wide = sum > (std::numeric_limits<std::uint64_t>::max() >> 15);
    sum = (sum << 15) | digit;
  }
  at_ += 2 * std::size_t{count};
  const std::uint64_t limit = std::uint64_t{std::numeric_limits<std::int64_t>::max()} + (negative ? 1 : 0);
  wide = wide || sum > limit;
  if (wide) reject("an integer that does not fit into 64 bits");
  const std::uint64_t magnitude = wide ? 0 : sum;
  integer(cells, static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude), flagged);
  return true;
}

bool MarshalReader::items(CellBuilder& cells, std::uint32_t count, int depth) {
  if (count > left()) return fail(kCut);
  if (depth >= kDepthLimit) return fail("a value is nested more than " + std::to_string(kDepthLimit) + " levels deep");
  const std::size_t mark = cells.mark();
  for (std::uint32_t i = 0; i < count; ++i)
    if (!value(cells, depth + 1)) return false;
  cells.push_list(cells.seal(mark), count);
  return true;
}

bool MarshalReader::map(CellBuilder& cells, int depth) {
  if (depth >= kDepthLimit) return fail("a value is nested more than " + std::to_string(kDepthLimit) + " levels deep");
  const std::size_t mark = cells.mark();
  while (peek() != '0') {
    const std::size_t key = cells.mark();
    if (!value(cells, depth + 1)) return false;
    if (cells.type_at(key) != Type::string) {
      reject("a map with a key that is not text");
      cells.replace(key, std::string_view());
    }
    if (peek() == '0') return fail("a map has a key without a value");
    if (!value(cells, depth + 1)) return false;
  }
  ++at_;
  const std::uint32_t count = cells.count_since(mark);
  const Cell* first = cells.seal(mark);
  if (!has_rejected() && repeated_key({first, count / 2})) reject("a map that has a key twice");
  cells.push_map(first, count / 2);
  return true;
}

bool MarshalReader::reference(CellBuilder& cells) {
  std::uint32_t index = 0;
  if (!size(index)) return false;
  if (index >= shared_.size()) return fail("a reference names a value that has not come");
  const Shared& named = shared_[index];
  const std::string_view data(named.data, named.data ? named.size : 0);
  switch (named.type) {
    case Type::integer: cells.push(named.integer); return true;
    case Type::real: cells.push(named.real); return true;
    case Type::string: cells.push(data); return true;
    case Type::bytes: cells.push(Bytes{data}); return true;
    default: return fail("a reference names a list, a tuple or a map");
  }
}

bool MarshalReader::value(CellBuilder& cells) { return value(cells, 0); }

bool MarshalReader::value(CellBuilder& cells, int depth) {
  if (at_ == end_) return fail(kCut);
  const bool flagged = (*at_ & kFlag) != 0;
  const char tag = static_cast<char>(*at_++ & 0x7f);
  std::uint32_t count = 0;
  switch (tag) {
    case 'N': cells.push_null(); return true;
    case 'T': cells.push(true); return true;
    case 'F': cells.push(false); return true;
    case 'i': {
      if (!size(count)) return false;
      integer(cells, static_cast<std::int32_t>(count), flagged);
      return true;
    }
    case 'l': return long_integer(cells, flagged);
    case 'g': {
      double number = 0;
      if (left() < sizeof number) return fail(kCut);
      std::memcpy(&number, at_, sizeof number);
      at_ += sizeof number;
      cells.push(number);
      if (flagged) shared_.push_back({.type = Type::real, .real = number});
      return true;
    }
    case 'z':
    case 'Z':
      if (left() < 1) return fail(kCut);
      count = *at_++;
      return text(cells, count, flagged);
    case 'a':
    case 'A':
    case 'u':
    case 't': return size(count) && text(cells, count, flagged);
    case 's': return bytes(cells, flagged);
    case ')':
      if (flagged) shared_.emplace_back();
      if (left() < 1) return fail(kCut);
      count = *at_++;
      return items(cells, count, depth);
    case '(':
    case '[':
      if (flagged) shared_.emplace_back();
      return size(count) && items(cells, count, depth);
    case '{':
      if (flagged) shared_.emplace_back();
      return map(cells, depth);
    case 'r': return reference(cells);
    default: break;
  }
  char shown[64];
  std::snprintf(shown, sizeof shown, "a value has the unknown type 0x%02x", static_cast<unsigned>(tag));
  return fail(shown);
}

}  // namespace sparse::multilang
