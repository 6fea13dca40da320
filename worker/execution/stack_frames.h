// Where a thread is: its frames as text, written so that a signal handler may do it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sparse::worker {

/// One line in a buffer of its own: no memory is allocated. What does not fit is left out.
class FaultLine {
 public:
  FaultLine& text(std::string_view more);
  FaultLine& number(std::uint64_t value);
  FaultLine& hex(std::uint64_t value);
  /// With a line feed, in one write; then the line is empty.
  void write_to(int fd);

 private:
  static constexpr std::size_t kMost = 1000;
  char bytes_[kMost + 1];
  std::size_t size_ = 0;
};

inline constexpr int kFramesMost = 64;

/// Loads what taking and naming frames needs, and finds `addr2line`. Before the first handler runs.
void prepare_frames();

/// The calling thread's frames, from the one at `pc` on if it is among them. Returns how many.
int take_frames(void** frames, int most, std::uintptr_t pc);

/// A line for each frame: `#0 FILE+0xOFFSET SYMBOL`, then, where `addr2line` is installed, functions and source lines. It is run
/// in a process of its own: whatever the crash has broken here, it does not break there.
void write_frames(int fd, void* const* frames, int count, bool at_fault);

}  // namespace sparse::worker
