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

/// Whether `length` bytes, all of them before `end`, are text. Most words are ASCII and short: one look.
bool is_text(const unsigned char* at, const unsigned char* end, std::size_t length) {
  constexpr std::uint64_t kTops = 0x8080808080808080u;
  if (length <= 8 && end - at >= 8) {
    if (length == 0) return true;
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    if (((word << (64 - 8 * length)) & kTops) == 0) return true;
  }
  const std::string_view found(chars(at), length);
  return is_ascii(found) || is_utf8(found);
}

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

// `wide`: it does not fit into 64 bits.
bool MarshalReader::long_integer(std::int64_t& number, bool& wide) {
  std::uint32_t coded = 0;
  if (!size(coded)) return false;
  const bool negative = (coded & 0x80000000u) != 0;
  const std::uint32_t count = negative ? 0 - coded : coded;
  if (count > left() / 2) return fail(kCut);
  std::uint64_t sum = 0;
  wide = count > 5;
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
  const std::uint64_t magnitude = wide ? 0 : sum;
  number = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
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

std::uint32_t MarshalReader::rows(Cell* to, std::uint32_t fields, std::uint32_t count) {
  for (std::uint32_t row = 0; row < count; ++row) {
    const unsigned char* const before = at_;
    const std::size_t named = shared_.size();
    for (std::uint32_t i = 0; i < fields; ++i, ++to) {
      if (plain(*to)) continue;
      at_ = before;
      shared_.resize(named);
      broken_.clear();
      return row;
    }
  }
  return count;
}

bool MarshalReader::plain_text(Cell& to, std::size_t length, bool flagged) {
  if (left() < length) return false;
  const std::string_view found(chars(at_), length);
  if (!is_text(at_, end_, length)) return false;
  at_ += length;
  to.set(found);
  if (flagged) shared_.push_back({.type = Type::string, .size = static_cast<std::uint32_t>(length), .data = found.data()});
  return true;
}

// One value. False: it is for `value`, which has to read it from its start.
bool MarshalReader::plain(Cell& to) {
  if (left() < 2) return at_ != end_ && plain_word(to);
  const bool flagged = (*at_ & kFlag) != 0;
  const char tag = static_cast<char>(*at_ & 0x7f);
  std::uint32_t number = 0;
  switch (tag) {
    case 'z':
    case 'Z':
      number = at_[1];
      at_ += 2;
      return plain_text(to, number, flagged);
    case 'i':
    case 'a':
    case 'A':
    case 'u':
    case 't':
    case 'r':
      if (left() < 1 + sizeof number) return false;
      std::memcpy(&number, at_ + 1, sizeof number);
      at_ += 1 + sizeof number;
      break;
    case 'g': {
      double real = 0;
      if (left() < 1 + sizeof real) return false;
      std::memcpy(&real, at_ + 1, sizeof real);
      at_ += 1 + sizeof real;
      to.set(real);
      if (flagged) shared_.push_back({.type = Type::real, .real = real});
      return true;
    }
    case 'l': {
      std::int64_t integer = 0;
      bool wide = false;
      ++at_;
      return long_integer(integer, wide) && !wide && plain_integer(to, integer, flagged);
    }
    default: return plain_word(to);
  }
  if (tag == 'r') return plain_reference(to, number);
  if (tag == 'i') return plain_integer(to, static_cast<std::int32_t>(number), flagged);
  return plain_text(to, number, flagged);
}

bool MarshalReader::plain_integer(Cell& to, std::int64_t number, bool flagged) {
  to.set(number);
  if (flagged) shared_.push_back({.type = Type::integer, .integer = number});
  return true;
}

bool MarshalReader::plain_word(Cell& to) {
  switch (*at_ & 0x7f) {
    case 'N': to.set_null(); break;
    case 'T': to.set(true); break;
    case 'F': to.set(false); break;
    default: return false;
  }
  ++at_;
  return true;
}

bool MarshalReader::plain_reference(Cell& to, std::uint32_t index) {
  if (index >= shared_.size()) return false;
  const Shared& named = shared_[index];
  switch (named.type) {
    case Type::integer: to.set(named.integer); return true;
    case Type::real: to.set(named.real); return true;
    case Type::string: to.set(std::string_view(named.data, named.size)); return true;
    default: return false;
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
    case 'l': {
      std::int64_t number = 0;
      bool wide = false;
      if (!long_integer(number, wide)) return false;
      if (wide) reject("an integer that does not fit into 64 bits");
      integer(cells, number, flagged);
      return true;
    }
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
