// The fields-grouping hash: the same for equal values in every process, language and release (docs/fields-grouping.md).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <sparse/value.h>

namespace sparse::worker {

/// Appends the canonical bytes of a value: a tag byte, then
///   null: nothing · boolean: 1 byte · integer: 8 bytes little-endian · real: its 8 bytes, but an integral value within 64 bits
///   is written as that integer (so 1.0 equals 1 and -0.0 equals 0), and every NaN as the one quiet NaN
///   string, bytes: u32 length, the bytes · list: u32 count, the elements · map: u32 count, the pairs sorted by key bytes.
void append_canonical(std::string& out, ValueView value);

/// xxh3-64 of the canonical bytes of the fields at `positions`, one after the other.
std::uint64_t fields_hash(const Cell* cells, std::span<const std::uint16_t> positions);

/// Key groups are the unit in which keyed state will move: the top 15 bits of the hash.
inline constexpr int kKeyGroupBits = 15;
inline std::uint32_t key_group(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> (64 - kKeyGroupBits)); }
/// Which of `tasks` tasks owns a key group.
inline std::uint32_t task_of_group(std::uint32_t group, std::uint32_t tasks) {
  return static_cast<std::uint32_t>((std::uint64_t{group} * tasks) >> kKeyGroupBits);
}

}  // namespace sparse::worker
