// Reads values of the batched framing: the part of Python's marshal format that PROTOCOL.md lists, from hostile hands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "multilang/cpp/cell_builder.h"

namespace sparse::multilang {

/// Reads one value after the other. Text is not copied: it must outlive the cells.
class MarshalReader {
 public:
  void start(std::string_view bytes);
  bool at_end() const { return at_ == end_; }
  /// The type byte of the next value, without its flag; 0 at the end.
  char peek() const { return at_ == end_ ? '\0' : static_cast<char>(*at_ & 0x7f); }
  /// The items of a list, which follow; empty: there is no list here.
  std::optional<std::uint32_t> list();
  /// The items of a tuple of less than 256, which follow; empty: there is none here.
  std::optional<std::uint32_t> small_tuple();
  /// Pushes one value. False: the bytes are broken, as `broken` says, and nothing after them can be read.
  bool value(CellBuilder& cells);
  /// Reads up to `count` rows of `fields` values each straight into cells, as long as the values are no containers and nothing is
  /// wrong with them: it stops in front of the first row that `value` has to look at. Returns the number of rows.
  std::uint32_t rows(Cell* to, std::uint32_t fields, std::uint32_t count);
  const std::string& broken() const { return broken_; }
  /// What in the values since the last call could be read, but not carried (null stands in its place); empty: nothing.
  std::string take_rejected() { return std::exchange(rejected_, {}); }
  bool has_rejected() const { return !rejected_.empty(); }

 private:
  // Something that a later reference may name.
  struct Shared {
    Type type = Type::null;  ///< integer, real, string, bytes; null: a container, which no reference may name
    std::uint32_t size = 0;
    const char* data = nullptr;
    std::int64_t integer = 0;
    double real = 0;
  };

  bool value(CellBuilder& cells, int depth);
  bool plain(Cell& to);
  bool plain_text(Cell& to, std::size_t length, bool flagged);
  bool plain_integer(Cell& to, std::int64_t number, bool flagged);
  bool plain_word(Cell& to);
  bool plain_reference(Cell& to, std::uint32_t index);
  bool text(CellBuilder& cells, std::size_t size, bool flagged);
  bool bytes(CellBuilder& cells, bool flagged);
  bool long_integer(std::int64_t& number, bool& wide);
  bool items(CellBuilder& cells, std::uint32_t count, int depth);
  bool map(CellBuilder& cells, int depth);
  bool reference(CellBuilder& cells);
  void integer(CellBuilder& cells, std::int64_t number, bool flagged);
  bool size(std::uint32_t& to);
  bool fail(std::string why);
  void reject(std::string why);
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  const unsigned char* at_ = nullptr;
  const unsigned char* end_ = nullptr;
  std::vector<Shared> shared_;
  std::string broken_;
  std::string rejected_;
};

}  // namespace sparse::multilang
