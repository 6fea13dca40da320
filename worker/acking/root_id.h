// The id of a tuple tree: where its slot is, and which life of the slot is meant.
#pragma once

#include <cstdint>

#include <sparse/tuple.h>

namespace sparse::worker {

/// Spout task (17 bits), incarnation of the spout (7), slot (20), generation of the slot (20). Looking a tree up is an array
/// access; an answer to a former life of the spout or of the slot does not match, and is dropped. 0 is no root.
struct RootId {
  static constexpr std::uint32_t kSlotsMax = 1u << 20;
  static constexpr std::uint32_t kGenerationMask = (1u << 20) - 1;
  static constexpr std::uint32_t kIncarnationMask = (1u << 7) - 1;
  static constexpr std::uint32_t kTaskMax = (1u << 17) - 1;

  static std::uint64_t make(TaskId spout, std::uint32_t incarnation, std::uint32_t slot, std::uint32_t generation) {
    return std::uint64_t{spout} << 47 | std::uint64_t{incarnation & kIncarnationMask} << 40 | std::uint64_t{slot} << 20 |
           (generation & kGenerationMask);
  }
  static TaskId spout(std::uint64_t root) { return static_cast<TaskId>(root >> 47); }
  static std::uint32_t incarnation(std::uint64_t root) { return static_cast<std::uint32_t>(root >> 40) & kIncarnationMask; }
  static std::uint32_t slot(std::uint64_t root) { return static_cast<std::uint32_t>(root >> 20) & (kSlotsMax - 1); }
  static std::uint32_t generation(std::uint64_t root) { return static_cast<std::uint32_t>(root) & kGenerationMask; }
};

}  // namespace sparse::worker
