// Builds the cells of a tuple whose size is not known before it has been read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <sparse/value.h>

namespace sparse::multilang {

/// Values are pushed one after the other; `seal` turns all since a mark into one block of cells, for a list, a map or the
/// tuple itself. Text is not copied: it must outlive the cells.
class CellBuilder {
 public:
  void clear();
  void push_null() { items_.push_back({Type::null, 0, {}}); }
  void push(bool value) { items_.push_back({Type::boolean, 0, {.integer = value}}); }
  void push(std::int64_t value) { items_.push_back({Type::integer, 0, {.integer = value}}); }
  void push(double value) { items_.push_back({Type::real, 0, {.real = value}}); }
  void push(std::string_view text) {
    items_.push_back({Type::string, static_cast<std::uint32_t>(text.size()), {.target = text.data()}});
  }
  void push(Bytes bytes) {
    items_.push_back({Type::bytes, static_cast<std::uint32_t>(bytes.data.size()), {.target = bytes.data.data()}});
  }
  void push_list(const Cell* first, std::uint32_t count) { items_.push_back({Type::list, count, {.target = first}}); }
  void push_map(const Cell* first, std::uint32_t pairs) { items_.push_back({Type::map, pairs, {.target = first}}); }

  std::size_t mark() const { return items_.size(); }
  std::uint32_t count_since(std::size_t mark) const { return static_cast<std::uint32_t>(items_.size() - mark); }
  Type type_at(std::size_t mark) const { return items_[mark].type; }
  bool is_integer(std::size_t mark, std::int64_t number) const {
    return items_[mark].type == Type::integer && items_[mark].value.integer == number;
  }
  void replace(std::size_t mark, std::string_view text) {
    items_[mark] = {Type::string, static_cast<std::uint32_t>(text.size()), {.target = text.data()}};
  }
  const Cell* seal(std::size_t mark);

 private:
  struct Item {
    Type type;
    std::uint32_t size;
    union {
      std::int64_t integer;
      double real;
      const void* target;
    } value;
  };
  static constexpr std::size_t kBlock = 512;

  Cell* allocate(std::size_t count);

  std::vector<Item> items_;
  std::vector<std::unique_ptr<Cell[]>> blocks_;  ///< the first is kept
  std::size_t used_ = 0;                         ///< cells of the last block of kBlock
};

/// A key that the map has twice: its values cannot be told apart.
std::optional<std::string_view> repeated_key(const MapView& map);

}  // namespace sparse::multilang
