#include "worker/transport/frame.h"

#include <cstring>

#include "worker/batch/control.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace sparse::worker {
namespace {

constexpr std::size_t kChecksumAt = 56;

std::uint64_t checksum_of(std::span<const char> frame) {
  // The checksum's own eight bytes are left out.
  XXH3_state_t state;
  XXH3_INITSTATE(&state);
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, frame.data(), kChecksumAt);
  XXH3_64bits_update(&state, frame.data() + kChecksumAt + 8, frame.size() - kChecksumAt - 8);
  return XXH3_64bits_digest(&state);
}

void seal(FrameBytes& frame) {
  const std::uint64_t checksum = checksum_of(frame);
  std::memcpy(frame.data() + kChecksumAt, &checksum, sizeof checksum);
}

}  // namespace

void encode_frame(FrameBytes& frame, FrameHeader header, std::span<const char> payload) {
  header.length = static_cast<std::uint32_t>(payload.size());
  frame.resize(sizeof header + payload.size());
  std::memcpy(frame.data(), &header, sizeof header);
  if (!payload.empty()) std::memcpy(frame.data() + sizeof header, payload.data(), payload.size());
  seal(frame);
}

void update_frame(FrameBytes& frame, std::uint32_t receiver_attempt, std::uint64_t confirmed) {
  auto& header = *reinterpret_cast<FrameHeader*>(frame.data());
  header.receiver_attempt = receiver_attempt;
  header.confirmed = confirmed;
  seal(frame);
}

std::variant<Frame, std::string> decode_frame(std::span<const char> bytes) {
  FrameHeader header;
  if (bytes.size() < sizeof header) return "a frame of " + std::to_string(bytes.size()) + " bytes, shorter than its header";
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.version == 0 || header.version > 2)
    return "a frame of version " + std::to_string(header.version) + "; this worker speaks 1 and reads 2: upgrade it";
  if (header.header_length < sizeof header || header.header_length % 8 != 0 || header.header_length > bytes.size() ||
      bytes.size() - header.header_length != header.length)
    return std::string("a frame whose lengths do not fit together");
  if (checksum_of(bytes) != header.checksum) return std::string("a frame with a wrong checksum");
  if (header.lane != Lane::data && header.lane != Lane::control)
    return "a frame for lane " + std::to_string(static_cast<int>(header.lane)) + ", which does not exist";
  return Frame{header, bytes.subspan(header.header_length)};
}

std::string check_control(std::span<const char> bytes, std::uint32_t count) {
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string place = "control record " + std::to_string(i);
    ControlHeader header;
    if (bytes.size() - at < sizeof header) return place + " is cut off";
    std::memcpy(&header, bytes.data() + at, sizeof header);
    if (header.size < sizeof header || header.size % 8 != 0 || header.size > bytes.size() - at)
      return place + " has an impossible size";
    std::size_t least = sizeof header;
    if (header.kind == ControlKind::ack) least = sizeof(AckRecord);
    if (header.kind == ControlKind::credit) least = sizeof(CreditRecord);
    if (header.kind == ControlKind::peer_attempt) return place + " is of a kind that never crosses the network";
    if (header.kind == ControlKind::fail) {
      least = sizeof(FailRecord);
      FailRecord fail;
      if (header.size >= least) {
        std::memcpy(&fail, bytes.data() + at, sizeof fail);
        least += fail.length;
      }
    }
    if (header.size < least) return place + " is shorter than what it holds";
    at += header.size;
  }
  return at == bytes.size() ? std::string() : std::string("bytes follow the last control record");
}

}  // namespace sparse::worker
