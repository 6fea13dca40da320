// Records of the control lane: what acks, failures and credits look like between loops and on the wire.
#pragma once

#include <cstdint>

#include <sparse/tuple.h>

namespace sparse::worker {

enum class ControlKind : std::uint16_t { ack = 1, fail = 2, credit = 3, peer_attempt = 4 };

/// Little-endian, sizes are multiples of 8, unknown kinds are skipped by their size.
struct ControlHeader {
  std::uint32_t size = 0;
  ControlKind kind = ControlKind::ack;
  std::uint16_t reserved = 0;
};

/// Edges of one tree, merged over the tuples of a batch.
struct AckRecord {
  ControlHeader header{sizeof(AckRecord), ControlKind::ack};
  std::uint64_t root = 0;
  std::uint64_t edges = 0;
  std::uint64_t reach = 0;
};

/// A tree has failed; `length` bytes of reason follow.
struct FailRecord {
  ControlHeader header{sizeof(FailRecord), ControlKind::fail};
  std::uint64_t root = 0;
  std::uint64_t reach = 0;
  std::uint32_t length = 0;
  std::uint32_t reserved = 0;
};

/// What a target task has executed of what one loop sent; totals, so that a later one replaces an earlier.
struct CreditRecord {
  ControlHeader header{sizeof(CreditRecord), ControlKind::credit};
  TaskId target = 0;
  std::uint32_t source_loop = 0;  ///< numbered through all workers
  std::uint64_t taken = 0;
  std::uint64_t taken_bytes = 0;
  std::uint32_t window = 0;
  std::uint32_t reserved = 0;
};

/// Port to loops: a worker is heard of first (before 0), lives again, or is lost (attempt 0). Never on the wire.
struct PeerAttemptRecord {
  ControlHeader header{sizeof(PeerAttemptRecord), ControlKind::peer_attempt};
  std::uint32_t worker = 0;
  std::uint32_t attempt = 0;
  std::uint32_t before = 0;
  std::uint32_t reserved = 0;
};

}  // namespace sparse::worker
