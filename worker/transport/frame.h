// Frames: what workers send each other. Encoding and checking.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "worker/transport/transport.h"

namespace sparse::worker {

enum class FrameKind : std::uint8_t {
  records = 0,
  confirm = 1,  ///< no records: only says what has come
  gap = 2,      ///< likewise, and that a later frame came before its turn: send again from `confirmed` + 1
};

/// Little-endian. Versions N and N-1 understand each other: unknown header fields behind the known ones are skipped by the
/// length.
///
///     0  u16 version     8   u32 attempt            24  u64 sequence     48  u32 length   bytes after the header
///     2  u16 header      12  u32 receiver_attempt   32  u64 confirmed    52  u32 count    records in them
///     4  u8  lane        16  u64 plan_version       40  u16 source       56  u64 checksum xxh3-64 of all the rest
///     5  u8  kind                                   42  u16 target
///     6  u16 reserved                               44  u32 reserved
struct FrameHeader {
  std::uint16_t version = 1;
  std::uint16_t header_length = 64;
  Lane lane = Lane::data;
  FrameKind kind = FrameKind::records;
  std::uint16_t reserved = 0;
  std::uint32_t attempt = 0;           ///< the sender's life
  std::uint32_t receiver_attempt = 0;  ///< the life of the receiver that it is meant for; 0: not known yet
  std::uint64_t plan_version = 0;
  std::uint64_t sequence = 0;   ///< of this lane between these two lives, from 1; 0 with confirm and gap
  std::uint64_t confirmed = 0;  ///< the last frame of this lane that came to the sender in order
  std::uint16_t source = 0;     ///< worker
  std::uint16_t target = 0;
  std::uint32_t reserved2 = 0;
  std::uint32_t length = 0;
  std::uint32_t count = 0;
  std::uint64_t checksum = 0;
};
static_assert(sizeof(FrameHeader) == 64);

inline constexpr std::size_t kFrameSizeMax = 65u << 20;

/// Fills `frame` with the header and the payload; sets length and checksum.
void encode_frame(FrameBytes& frame, FrameHeader header, std::span<const char> payload);
/// Writes what has changed since into an encoded frame that is sent again.
void update_frame(FrameBytes& frame, std::uint32_t receiver_attempt, std::uint64_t confirmed);

struct Frame {
  FrameHeader header;
  std::span<const char> payload;  ///< in the bytes that were decoded, aligned to 8 if they are
};
/// The frame, or what is wrong with it.
std::variant<Frame, std::string> decode_frame(std::span<const char> bytes);

/// Checks records of the control lane that come from outside. An empty text if they are well-formed.
std::string check_control(std::span<const char> bytes, std::uint32_t count);

}  // namespace sparse::worker
