// Values as they travel in tuples: the 16-byte Cell, views to read it, and Value, an owning value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sparse {

/// The types a tuple field can have. The numbers are part of the wire format and never change.
enum class Type : std::uint8_t { null = 0, boolean = 1, integer = 2, real = 3, string = 4, bytes = 5, list = 6, map = 7 };

constexpr std::string_view type_name(Type type) {
  constexpr std::string_view names[] = {"null", "boolean", "integer", "real", "string", "bytes", "list", "map"};
  return static_cast<unsigned>(type) < 8 ? names[static_cast<unsigned>(type)] : "unknown";
}

/// A field was read as a type it does not have, or does not exist. Thrown inside `execute`, it fails the input with its text.
struct TypeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Marks a view of raw bytes, as opposed to text: `out.emit(sparse::Bytes{data})`.
struct Bytes {
  std::string_view data;
};

/// One field, 16 bytes. The form in memory is the form on the wire (little-endian). What does not fit into `payload` (text,
/// lists, maps) is found by its *distance from the cell*, so a whole record moves by memcpy; for the same reason a cell alone
/// cannot be copied.
///
///     byte 0     tag (Type)       bytes 4-7   size: bytes of a string, elements of a list, pairs of a map
///     bytes 1-3  zero             bytes 8-15  payload: the integer, the bits of the double, 0 or 1, or the distance in bytes
class Cell {
 public:
  Cell() = default;
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  void set_null() { put(Type::null, 0, 0); }
  void set(bool value) { put(Type::boolean, 0, value ? 1 : 0); }
  void set(std::int64_t value) { put(Type::integer, 0, static_cast<std::uint64_t>(value)); }
  void set(double value) {
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    put(Type::real, 0, bits);
  }
  /// The text must stay where it is for as long as the cell is read.
  void set(std::string_view text) { put(Type::string, static_cast<std::uint32_t>(text.size()), distance(text.data())); }
  void set(Bytes bytes) { put(Type::bytes, static_cast<std::uint32_t>(bytes.data.size()), distance(bytes.data.data())); }
  /// `first` points to `count` cells; a map has `count` pairs of a string cell and a value cell.
  void set_list(const Cell* first, std::uint32_t count) { put(Type::list, count, distance(first)); }
  void set_map(const Cell* first, std::uint32_t count) { put(Type::map, count, distance(first)); }

  Type type() const { return static_cast<Type>(tag_); }
  std::uint32_t size() const { return size_; }
  std::uint64_t payload() const { return payload_; }
  /// What the distance leads to: bytes of a string, or the first cell of a list or map.
  const char* target() const { return reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(this) + payload_); }
  void set_target(const void* target) { payload_ = distance(target); }

 private:
  void put(Type type, std::uint32_t size, std::uint64_t payload) {
    tag_ = static_cast<std::uint8_t>(type);
    reserved_[0] = reserved_[1] = reserved_[2] = 0;
    size_ = size;
    payload_ = payload;
  }
  std::uint64_t distance(const void* target) const {
    return reinterpret_cast<std::uintptr_t>(target) - reinterpret_cast<std::uintptr_t>(this);
  }

  std::uint8_t tag_ = 0;
  std::uint8_t reserved_[3] = {0, 0, 0};
  std::uint32_t size_ = 0;
  std::uint64_t payload_ = 0;
};
static_assert(sizeof(Cell) == 16 && alignof(Cell) == 8);

class ListView;
class MapView;

/// Reads one value where it lies. Valid as long as the tuple or record that holds it.
class ValueView {
 public:
  explicit ValueView(const Cell& cell) : cell_(&cell) {}

  Type type() const { return cell_->type(); }
  bool is_null() const { return type() == Type::null; }
  bool boolean() const { return expect(Type::boolean).payload() != 0; }
  std::int64_t integer() const { return static_cast<std::int64_t>(expect(Type::integer).payload()); }
  /// Reads an integer as a double, too.
  double real() const {
    if (type() == Type::integer) return static_cast<double>(integer());
    const std::uint64_t bits = expect(Type::real).payload();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  std::string_view string() const { return text(expect(Type::string)); }
  std::string_view bytes() const { return text(expect(Type::bytes)); }
  ListView list() const;
  MapView map() const;
  const Cell& cell() const { return *cell_; }

 private:
  static std::string_view text(const Cell& cell) { return {cell.target(), cell.size()}; }
  const Cell& expect(Type wanted) const {
    if (cell_->type() != wanted) wrong_type(wanted);
    return *cell_;
  }
  [[noreturn]] void wrong_type(Type wanted) const {
    throw TypeError("expected a value of type " + std::string(type_name(wanted)) + ", found " + std::string(type_name(type())));
  }

  const Cell* cell_;
};

/// Reads a list: `for (ValueView item : view)`.
class ListView {
 public:
  ListView(const Cell* first, std::uint32_t count) : first_(first), count_(count) {}
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  ValueView operator[](std::size_t index) const {
    if (index >= count_) throw TypeError("list has no element " + std::to_string(index));
    return ValueView(first_[index]);
  }
  struct Iterator {
    const Cell* cell;
    ValueView operator*() const { return ValueView(*cell); }
    Iterator& operator++() { return ++cell, *this; }
    bool operator!=(const Iterator& other) const { return cell != other.cell; }
  };
  Iterator begin() const { return {first_}; }
  Iterator end() const { return {first_ + count_}; }

 private:
  const Cell* first_;
  std::uint32_t count_;
};

/// Reads a map in the order in which it was written; keys are text.
class MapView {
 public:
  MapView(const Cell* first, std::uint32_t count) : first_(first), count_(count) {}
  std::size_t size() const { return count_; }
  std::string_view key(std::size_t index) const { return ValueView(first_[2 * index]).string(); }
  ValueView value(std::size_t index) const { return ValueView(first_[2 * index + 1]); }
  /// Null if there is no such key.
  const Cell* find(std::string_view wanted) const {
    for (std::size_t i = 0; i < count_; ++i)
      if (key(i) == wanted) return &first_[2 * i + 1];
    return nullptr;
  }

 private:
  const Cell* first_;
  std::uint32_t count_;
};

inline ListView ValueView::list() const {
  const Cell& cell = expect(Type::list);
  return {reinterpret_cast<const Cell*>(cell.target()), cell.size()};
}
inline MapView ValueView::map() const {
  const Cell& cell = expect(Type::map);
  return {reinterpret_cast<const Cell*>(cell.target()), cell.size()};
}

/// An owning value: options of a component, and lists and maps to emit.
class Value {
 public:
  using List = std::vector<Value>;
  using Map = std::vector<std::pair<std::string, Value>>;  ///< in the order of writing; keys are unique
  struct Binary {
    std::string data;
    bool operator==(const Binary&) const = default;
  };
  using Any = std::variant<std::monostate, bool, std::int64_t, double, std::string, Binary, List, Map>;

  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool value) : any_(value) {}
  Value(int value) : any_(static_cast<std::int64_t>(value)) {}
  Value(std::int64_t value) : any_(value) {}
  Value(double value) : any_(value) {}
  Value(const char* text) : any_(std::string(text)) {}
  Value(std::string_view text) : any_(std::string(text)) {}
  Value(std::string text) : any_(std::move(text)) {}
  Value(Binary bytes) : any_(std::move(bytes)) {}
  Value(List list) : any_(std::move(list)) {}
  Value(Map map) : any_(std::move(map)) {}
  /// Copies what a view shows.
  explicit Value(ValueView view);

  Type type() const { return static_cast<Type>(any_.index()); }
  bool is_null() const { return any_.index() == 0; }
  template <class T>
  const T* as() const {
    return std::get_if<T>(&any_);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&any_);
  }
  const Any& any() const { return any_; }
  /// The value under `key` of a map; null if this is no map or has no such key.
  const Value* find(std::string_view key) const {
    if (const Map* map = as<Map>())
      for (const auto& [name, value] : *map)
        if (name == key) return &value;
    return nullptr;
  }
  bool operator==(const Value&) const = default;

 private:
  Any any_;
};

inline Value::Value(ValueView view) {
  switch (view.type()) {
    case Type::null: break;
    case Type::boolean: any_ = view.boolean(); break;
    case Type::integer: any_ = view.integer(); break;
    case Type::real: any_ = view.real(); break;
    case Type::string: any_ = std::string(view.string()); break;
    case Type::bytes: any_ = Binary{std::string(view.bytes())}; break;
    case Type::list: {
      List list;
      for (ValueView item : view.list()) list.emplace_back(item);
      any_ = std::move(list);
      break;
    }
    case Type::map: {
      Map map;
      const MapView pairs = view.map();
      for (std::size_t i = 0; i < pairs.size(); ++i) map.emplace_back(std::string(pairs.key(i)), Value(pairs.value(i)));
      any_ = std::move(map);
      break;
    }
  }
}

/// Cells for owning values, with room for the nested ones. Must outlive the cells that point into it, and the values, too.
class CellArena {
 public:
  void set(Cell& cell, const Value& value);

 private:
  Cell* room(std::size_t count) {
    blocks_.push_back(std::vector<Cell>(count));
    return blocks_.back().data();
  }
  std::vector<std::vector<Cell>> blocks_;
};

inline void CellArena::set(Cell& cell, const Value& value) {
  switch (value.type()) {
    case Type::null: cell.set_null(); break;
    case Type::boolean: cell.set(*value.as<bool>()); break;
    case Type::integer: cell.set(*value.as<std::int64_t>()); break;
    case Type::real: cell.set(*value.as<double>()); break;
    case Type::string: cell.set(std::string_view(*value.as<std::string>())); break;
    case Type::bytes: cell.set(Bytes{value.as<Value::Binary>()->data}); break;
    case Type::list: {
      const auto& list = *value.as<Value::List>();
      Cell* cells = room(list.size());
      for (std::size_t i = 0; i < list.size(); ++i) set(cells[i], list[i]);
      cell.set_list(cells, static_cast<std::uint32_t>(list.size()));
      break;
    }
    case Type::map: {
      const auto& map = *value.as<Value::Map>();
      Cell* cells = room(2 * map.size());
      for (std::size_t i = 0; i < map.size(); ++i) {
        cells[2 * i].set(std::string_view(map[i].first));
        set(cells[2 * i + 1], map[i].second);
      }
      cell.set_map(cells, static_cast<std::uint32_t>(map.size()));
      break;
    }
  }
}

}  // namespace sparse
