// Builds the cells of a tuple whose size is not known before it has been read.
#include "multilang/cpp/cell_builder.h"

#include <algorithm>

namespace sparse::multilang {

void CellBuilder::clear() {
  items_.clear();
  // One huge tuple must not pin its memory for the life of the child.
  if (items_.capacity() > 64 * kBlock) items_.shrink_to_fit();
  if (blocks_.size() > 1) {
    std::swap(blocks_.front(), blocks_.back());  // the last one has the ordinary size
    blocks_.resize(1);
  }
  used_ = 0;
}

Cell* CellBuilder::allocate(std::size_t count) {
  if (blocks_.empty()) blocks_.push_back(std::make_unique<Cell[]>(kBlock));
  if (count > kBlock) {
    // A block of its own, before the last one, which goes on being filled.
    blocks_.push_back(std::make_unique<Cell[]>(count));
    std::swap(blocks_[blocks_.size() - 2], blocks_.back());
    return blocks_[blocks_.size() - 2].get();
  }
  if (used_ + count > kBlock) {
    blocks_.push_back(std::make_unique<Cell[]>(kBlock));
    used_ = 0;
  }
  Cell* cells = blocks_.back().get() + used_;
  used_ += count;
  return cells;
}

const Cell* CellBuilder::seal(std::size_t mark) {
  const std::size_t count = items_.size() - mark;
  Cell* cells = allocate(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Item& item = items_[mark + i];
    switch (item.type) {
      case Type::null: cells[i].set_null(); break;
      case Type::boolean: cells[i].set(item.value.integer != 0); break;
      case Type::integer: cells[i].set(item.value.integer); break;
      case Type::real: cells[i].set(item.value.real); break;
      case Type::string: cells[i].set(std::string_view(static_cast<const char*>(item.value.target), item.size)); break;
      case Type::bytes: cells[i].set(Bytes{{static_cast<const char*>(item.value.target), item.size}}); break;
      case Type::list: cells[i].set_list(static_cast<const Cell*>(item.value.target), item.size); break;
      case Type::map: cells[i].set_map(static_cast<const Cell*>(item.value.target), item.size); break;
    }
  }
  items_.resize(mark);
  return cells;
}

std::optional<std::string_view> repeated_key(const MapView& map) {
  std::vector<std::string_view> keys;
  keys.reserve(map.size());
  for (std::size_t i = 0; i < map.size(); ++i) keys.push_back(map.key(i));
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  return twice == keys.end() ? std::nullopt : std::optional(*twice);
}

}  // namespace sparse::multilang
