// The form of a tuple in a batch, which is also its form on the wire.
#pragma once

#include <cstdint>
#include <new>
#include <span>
#include <string>

#include <sparse/tuple.h>

namespace sparse::worker {

/// What a record is. Kinds that a reader does not know are skipped by their size.
enum class RecordKind : std::uint8_t {
  tuple = 0,
  end = 1,    ///< the source will send nothing more on this channel
  moved = 2,  ///< the target task has moved; reserved: barrier = 3, watermark = 4
};

/// Ties a tuple to a tree: the tree is complete when the XOR of all its edges, each seen twice, is zero.
struct Anchor {
  std::uint64_t root = 0;
  std::uint64_t edge = 0;
};

/// Little-endian, padded to 8 bytes, position-independent: records move by memcpy.
///
///     0   u32 size       of the whole record        16  u16 anchors
///     4   u32 source     task                       18  u16 attempt    of the source's worker, low bits
///     8   u32 target     task                       20  u8  stream     number among the source's streams
///     12  u16 fields                                21  u8  kind
///     14  u16 reserved                              22  u16 target_attempt
///     24  anchors × { u64 root, u64 edge }, fields × Cell (16 bytes), then what the cells point to
struct Record {
  std::uint32_t size = 0;
  TaskId source = 0;
  TaskId target = 0;
  std::uint16_t fields = 0;
  std::uint16_t reserved = 0;
  std::uint16_t anchors = 0;
  std::uint16_t attempt = 0;
  std::uint8_t stream = 0;
  RecordKind kind = RecordKind::tuple;
  std::uint16_t target_attempt = 0;  ///< of the target's worker, as the sender knows it, low bits; 0: not heard of yet

  Anchor* anchor_list() { return reinterpret_cast<Anchor*>(this + 1); }
  const Anchor* anchor_list() const { return reinterpret_cast<const Anchor*>(this + 1); }
  Cell* cells() { return reinterpret_cast<Cell*>(anchor_list() + anchors); }
  const Cell* cells() const { return reinterpret_cast<const Cell*>(anchor_list() + anchors); }
};
static_assert(sizeof(Record) == 24 && sizeof(Anchor) == 16);

inline constexpr std::size_t kRecordSizeMax = 64u << 20;  ///< one tuple; larger ones are refused by name
inline constexpr int kValueDepthMax = 128;

/// Bytes that a tuple takes as a record. 0: it is larger than kRecordSizeMax, or nested deeper than kValueDepthMax.
std::size_t record_size(const Cell* cells, std::uint32_t fields, std::size_t anchors);

/// What the header of a record is made of. The fields are wider than there, and in another order, so that no compiler joins their
/// copies: a load that is wider than the stores before it waits until these have left the core's store buffer.
struct RecordHead {
  TaskId source = 0;
  std::uint32_t fields = 0;
  TaskId target = 0;
  std::uint32_t anchors = 0;
  std::uint32_t stream = 0;
  std::uint32_t reserved = 0;
  RecordKind kind = RecordKind::tuple;
};

/// Copies values with all they point to into `to` (16-byte cells, then bytes). Returns the end of what was written.
char* copy_cells(Cell* to, const Cell* from, std::uint32_t count, char* room);

/// Writes a record of `size` bytes (from record_size) at `at`, which is aligned to 8. The caller fills in the anchors and, for
/// another worker, the attempts.
inline Record* write_record(char* at, std::size_t size, const RecordHead& head, const Cell* cells) {
  Record* record = new (at) Record{.size = static_cast<std::uint32_t>(size),
                                   .source = head.source,
                                   .target = head.target,
                                   .fields = static_cast<std::uint16_t>(head.fields),
                                   .reserved = static_cast<std::uint16_t>(head.reserved),
                                   .anchors = static_cast<std::uint16_t>(head.anchors),
                                   .stream = static_cast<std::uint8_t>(head.stream),
                                   .kind = head.kind};
  copy_cells(record->cells(), cells, record->fields, reinterpret_cast<char*>(record->cells() + record->fields));
  return record;
}

/// Checks that bytes from outside are whole, well-formed records: sizes, distances, types, depth. An empty text if they are.
std::string check_records(std::span<const char> bytes, std::uint32_t count);

}  // namespace sparse::worker
