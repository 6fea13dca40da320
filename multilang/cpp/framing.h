// Framing of the multi-lang protocol: bytes to messages, each a text that ends with a line `end`.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace sparse::multilang {

inline constexpr std::size_t kMessageLimit = std::size_t{16} << 20;

/// Collects what a child writes and cuts it into messages. Pure: it never reads by itself.
class Framer {
 public:
  /// So many bytes after each message can be read: the JSON parser reads in blocks.
  static constexpr std::size_t kPadding = 64;

  explicit Framer(std::size_t limit = kMessageLimit) : limit_(limit) {}

  /// Where the next bytes go. Ends all views given out before.
  std::span<char> room(std::size_t at_least);
  void filled(std::size_t count) { end_ += count; }

  /// The text of the next message, without its `end`; blank messages are left out. Valid until `room`.
  std::optional<std::string_view> next();
  /// The message under way has grown past the limit. There is no next message then.
  bool over_limit() const { return over_limit_; }
  /// What is there of a message without its end.
  std::string_view partial() const { return {buffer_.get() + start_, end_ - start_}; }
  /// Forgets the message under way, and all that follows it.
  void clear();

 private:
  const std::size_t limit_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t start_ = 0;  ///< of the message under way
  std::size_t line_ = 0;   ///< of its last line
  std::size_t scan_ = 0;   ///< no line feed before this
  std::size_t end_ = 0;
  bool over_limit_ = false;
};

}  // namespace sparse::multilang
