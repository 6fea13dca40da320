// Cuts what is read piece by piece into lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sparse::cli {

inline constexpr std::size_t kLongestLine = 64u << 20;

class LineSplitter {
 public:
  void append(std::string_view piece) {
    buffer_.erase(0, at_);
    searched_ -= at_;
    at_ = 0;
    buffer_ += piece;
  }
  /// The next whole line without its end; valid until `append`.
  std::optional<std::string_view> next() {
    const std::size_t end = buffer_.find('\n', searched_);
    searched_ = end == std::string::npos ? buffer_.size() : end + 1;
    if (end == std::string::npos) return std::nullopt;
    const std::string_view line = std::string_view(buffer_).substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }
  /// What the end of the input leaves: a line without a newline; none if it is empty.
  std::optional<std::string_view> rest() {
    const std::string_view line = std::string_view(buffer_).substr(at_);
    at_ = searched_ = buffer_.size();
    return line.empty() ? std::nullopt : std::optional(line);
  }
  /// A line grows that is longer than any message may be.
  bool too_long() const { return buffer_.size() - at_ > kLongestLine; }

 private:
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t searched_ = 0;  ///< up to here there is no newline after `at_`: a long line is searched once
};

}  // namespace sparse::cli
