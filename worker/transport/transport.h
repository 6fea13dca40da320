// The seam to the network: frames between the workers of one topology.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace sparse::worker {

/// Acks and credits have a lane of their own, so that they never wait behind the data they would release.
enum class Lane : std::uint8_t { data = 0, control = 1 };
inline constexpr int kLanes = 2;

using FrameBytes = std::vector<char>;

/// Carries whole frames. It may lose, double and delay them (sockets do when they reconnect): the port on top of it repairs that.
/// It never changes one, never blocks, and is used by the port alone.
class Transport {
 public:
  virtual ~Transport() = default;
  /// An empty buffer to build a frame for `peer` in: a transport over shared memory gives its own.
  virtual FrameBytes allocate(std::uint16_t peer, std::size_t size) = 0;
  virtual void send(std::uint16_t peer, Lane lane, FrameBytes frame) = 0;
  /// The next frame that has come; none: nothing now.
  virtual std::optional<FrameBytes> receive() = 0;
};

}  // namespace sparse::worker
