// Encoding and checking of records.
#include "worker/batch/record.h"

#include <cstring>
#include <new>

namespace sparse::worker {
namespace {

constexpr std::size_t padded(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

/// Bytes beside the cells themselves. Lists and maps put their cells there, aligned to 8.
bool add_outside(const Cell* cells, std::uint64_t count, int depth, std::size_t& size) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const Cell& cell = cells[i];
    switch (cell.type()) {
      case Type::string:
      case Type::bytes: size += cell.size(); break;
      case Type::list:
      case Type::map: {
        if (depth == 0) return false;
        const std::uint64_t inner = std::uint64_t{cell.size()} * (cell.type() == Type::map ? 2 : 1);
        size = padded(size) + inner * sizeof(Cell);
        if (size > kRecordSizeMax) return false;
        if (!add_outside(reinterpret_cast<const Cell*>(cell.target()), inner, depth - 1, size)) return false;
        break;
      }
      default: break;
    }
    if (size > kRecordSizeMax) return false;
  }
  return true;
}

/// Checks cells that lie before `end`. `room`: what they and all they lead to may take. What is shown more than once is paid for
/// each time: lists that share their elements could be walked for ever.
bool cells_fit(const Cell* cells, std::uint64_t count, const char* end, int depth, std::uint64_t& room) {
  if (count > room / sizeof(Cell)) return false;
  room -= count * sizeof(Cell);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Cell& cell = cells[i];
    const auto from_here = static_cast<std::uint64_t>(end - reinterpret_cast<const char*>(&cell));
    switch (cell.type()) {
      case Type::null:
      case Type::integer:
      case Type::real: break;
      case Type::boolean:
        if (cell.payload() > 1) return false;
        break;
      case Type::string:
      case Type::bytes:
        if (cell.payload() > from_here || cell.size() > from_here - cell.payload() || cell.size() > room) return false;
        room -= cell.size();
        break;
      case Type::list:
      case Type::map: {
        const std::uint64_t inner = std::uint64_t{cell.size()} * (cell.type() == Type::map ? 2 : 1);
        if (inner == 0) break;
        // Children lie behind their parent, so that no cycle can be built.
        if (depth == 0 || cell.payload() < sizeof(Cell) || cell.payload() % 8 != 0 || cell.payload() > from_here ||
            inner > (from_here - cell.payload()) / sizeof(Cell))
          return false;
        const Cell* first = reinterpret_cast<const Cell*>(cell.target());
        if (!cells_fit(first, inner, end, depth - 1, room)) return false;
        if (cell.type() == Type::map)
          for (std::uint64_t k = 0; k < inner; k += 2)
            if (first[k].type() != Type::string) return false;
        break;
      }
      default: return false;
    }
  }
  return true;
}

/// In the parts in which Cell::put writes: a load that is wider than the stores just before it would wait until these have left
/// the core's store buffer.
inline void copy_cell(Cell* to, const Cell* from) {
  std::uint32_t parts[2];
  std::uint64_t payload;
  static_assert(sizeof(Cell) == sizeof parts + sizeof payload);
  const char* const bytes = reinterpret_cast<const char*>(from);
  std::memcpy(&parts[0], bytes, 4);
  std::memcpy(&parts[1], bytes + 4, 4);
  std::memcpy(&payload, bytes + 8, 8);
  asm("" : "+r"(parts[0]), "+r"(parts[1]), "+r"(payload));  // or the compiler makes one load of them
  std::memcpy(static_cast<void*>(to), parts, sizeof parts);
  std::memcpy(reinterpret_cast<char*>(to) + sizeof parts, &payload, sizeof payload);
}

/// Most texts are words: a call of memcpy takes longer than to copy one.
inline void copy_text(char* to, const char* from, std::size_t size) {
  const auto copy_ends = [&]<class Word>(Word first) {
    Word last;
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + size - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
  };
  if (size > 16) {
    std::memcpy(to, from, size);
  } else if (size >= 8) {
    copy_ends(std::uint64_t{});
  } else if (size >= 4) {
    copy_ends(std::uint32_t{});
  } else if (size != 0) {
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
  }
}

}  // namespace

std::size_t record_size(const Cell* cells, std::uint32_t fields, std::size_t anchors) {
  const std::size_t fixed = sizeof(Record) + anchors * sizeof(Anchor) + std::size_t{fields} * sizeof(Cell);
  std::size_t size = fixed;
  bool flat = true;
  for (std::uint32_t i = 0; i < fields && flat; ++i) {
    const Type type = cells[i].type();
    flat = type != Type::list && type != Type::map;
    if (type == Type::string || type == Type::bytes) size += cells[i].size();
  }
  if (flat) return size > kRecordSizeMax ? 0 : padded(size);
  size = fixed;
  return add_outside(cells, fields, kValueDepthMax, size) ? padded(size) : 0;
}

char* copy_cells(Cell* to, const Cell* from, std::uint32_t count, char* room) {
  for (std::uint32_t i = 0; i < count; ++i) {
    copy_cell(&to[i], &from[i]);
    switch (from[i].type()) {
      case Type::string:
      case Type::bytes:
        to[i].set_target(room);
        copy_text(room, from[i].target(), from[i].size());
        room += from[i].size();
        break;
      case Type::list:
      case Type::map: {
        const std::uint32_t inner = from[i].size() * (from[i].type() == Type::map ? 2 : 1);
        room = reinterpret_cast<char*>(padded(reinterpret_cast<std::uintptr_t>(room)));
        Cell* cells = reinterpret_cast<Cell*>(room);
        to[i].set_target(room);
        room =
            copy_cells(cells, reinterpret_cast<const Cell*>(from[i].target()), inner, room + std::size_t{inner} * sizeof(Cell));
        break;
      }
      default: break;
    }
  }
  return room;
}

std::string check_records(std::span<const char> bytes, std::uint32_t count) {
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string place = "record " + std::to_string(i) + " at byte " + std::to_string(at);
    if (bytes.size() - at < sizeof(Record)) return place + " is cut off";
    const Record* record = reinterpret_cast<const Record*>(bytes.data() + at);
    if (record->size < sizeof(Record) || record->size % 8 != 0 || record->size > bytes.size() - at)
      return place + " has an impossible size, " + std::to_string(record->size);
    if (record->kind == RecordKind::tuple) {
      const std::size_t fixed = sizeof(Record) + record->anchors * sizeof(Anchor) + record->fields * sizeof(Cell);
      std::uint64_t room = record->size - sizeof(Record) - record->anchors * sizeof(Anchor);
      if (fixed > record->size ||
          !cells_fit(record->cells(), record->fields, bytes.data() + at + record->size, kValueDepthMax, room))
        return place + " has values that reach outside of it";
    }
    at += record->size;
  }
  return at == bytes.size() ? std::string() : std::to_string(bytes.size() - at) + " bytes follow the last record";
}

}  // namespace sparse::worker
