// Reads the lines of a part of a file in place: views into a buffer, no copy and no allocation per line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace sparse::worker {

/// A line is what stands before a newline, byte for byte: a carriage return stays, as with getline. Reads with pread, not by
/// mapping: a mapped file that someone truncates kills the process that reads it. Thread-compatible.
class LineReader {
 public:
  static constexpr std::size_t kLineMax = std::size_t{16} << 20;
  static constexpr std::size_t kBuffer = std::size_t{256} << 10;
  static constexpr std::uint64_t kNoEnd = ~std::uint64_t{0};

  explicit LineReader(std::size_t line_max = kLineMax, std::size_t buffer = kBuffer);

  enum class Got {
    line,
    end,       ///< no more lines; ask again if the file may have grown
    too_long,  ///< a line above the limit: its beginning is given, the rest will be skipped
    failed,    ///< the file cannot be read: see `error`
  };
  struct Line {
    std::string_view text;  ///< valid until the next call
    std::uint64_t offset;   ///< of its first byte in the file
  };

  /// From now on gives the lines whose first byte lies in [begin, end).
  void start(int fd, std::uint64_t begin, std::uint64_t end);
  /// Whether the last line is given although its newline is missing. If not, it is held until more comes.
  void take_unterminated(bool yes) { take_unterminated_ = yes; }

  Got next(Line& line) {
    if (at_ < limit_ && !skipping_) [[likely]] {
      if (const void* found = std::memchr(at_, '\n', static_cast<std::size_t>(filled_ - at_))) [[likely]] {
        const char* newline = static_cast<const char*>(found);
        line = {{at_, static_cast<std::size_t>(newline - at_)}, position()};
        at_ = newline + 1;
        return Got::line;
      }
    }
    return next_after_read(line);
  }

  /// Where the next line begins.
  std::uint64_t position() const { return base_ + static_cast<std::uint64_t>(at_ - buffer_.get()); }
  /// How far the file was read: behind `position` if a part of a line is held.
  std::uint64_t read_to() const { return base_ + static_cast<std::uint64_t>(filled_ - buffer_.get()); }
  int error() const { return error_; }
  std::size_t line_max() const { return line_max_; }

 private:
  Got next_after_read(Line& line);
  bool fill();
  void set_limit();

  std::size_t line_max_;
  std::size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  const char* at_;          ///< the next line begins here
  const char* filled_;      ///< end of what was read
  const char* limit_;       ///< lines that begin here are not ours, or not yet read
  std::uint64_t base_ = 0;  ///< offset of the buffer's first byte in the file
  std::uint64_t end_ = 0;
  int fd_ = -1;
  int error_ = 0;
  bool skipping_ = false;  ///< inside a line that is not given: too long, or begun before the range
  bool take_unterminated_ = true;
};

/// Reads the one line that begins at `offset`, without its newline. False if no line begins there any more.
bool read_line_at(int fd, std::uint64_t offset, std::string& line, std::size_t line_max = LineReader::kLineMax);

}  // namespace sparse::worker
