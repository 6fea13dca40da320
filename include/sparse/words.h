// The words of a text.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sparse {
namespace detail {

inline constexpr std::size_t kTextBlock = 64;

/// Bit i: byte i of these eight is white space. Each byte is compared with both ends of a range by an addition that cannot carry
/// into the next one, and says yes by its highest bit.
inline std::uint64_t spaces_of_8(const char* text) {
  constexpr std::uint64_t kEach = 0x0101010101010101, kHigh = 0x80 * kEach;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text, sizeof bytes);
  const std::uint64_t low = bytes & ~kHigh;
  const auto from = [&](char first) { return low + static_cast<std::uint64_t>(0x80 - first) * kEach; };
  const std::uint64_t found = (from('\t') & ~from('\r' + 1)) | (from(' ') & ~from(' ' + 1));
  constexpr std::uint64_t kGather = 0x0102040810204080;  // brings bit 8 i to bit 56 + i
  return ((found & ~bytes & kHigh) >> 7) * kGather >> 56;
}

/// Bit i: byte i of the text is white space. Bits from `size` on (at most 64) are set.
inline std::uint64_t spaces(const char* text, std::size_t size) {
  std::uint64_t mask = size < kTextBlock ? ~std::uint64_t{0} << size : 0;
  if constexpr (std::endian::native != std::endian::little) {
    for (std::size_t at = 0; at < size; ++at)
      mask |= std::uint64_t{text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r')} << at;
    return mask;
  }
  if (size < 8) {
    char padded[8] = {};
    if (size > 0) std::memcpy(padded, text, size);
    return mask | spaces_of_8(padded);
  }
  for (std::size_t at = 0; at + 8 <= size; at += 8) mask |= spaces_of_8(text + at) << at;
  // The last eight once more, for those that the loop left out.
  return mask | spaces_of_8(text + size - 8) << (size - 8);
}

}  // namespace detail

/// The words of a text, separated by ASCII white space: `for (std::string_view word : sparse::words(line))`. They are views
/// of the text. White space is found for 64 bytes at once: the lengths of words are too irregular for a loop over bytes.
class words {
 public:
  explicit words(std::string_view text) : text_(text) {}
  class Iterator {
   public:
    explicit Iterator(std::string_view text)
        : block_(text.data()), rest_(text.size()), done_(detail::spaces(block_, std::min(rest_, detail::kTextBlock))) {
      ++*this;
    }
    std::string_view operator*() const { return word_; }
    Iterator& operator++() {
      while (done_ == ~std::uint64_t{0})
        if (!next_block()) {
          word_ = {};
          return *this;
        }
      const auto at = static_cast<unsigned>(std::countr_one(done_));
      const std::uint64_t after = done_ >> at;
      if (after == 0) return take_long(at);
      const auto size = static_cast<unsigned>(std::countr_zero(after));
      word_ = {block_ + at, size};
      done_ |= (std::uint64_t{1} << (at + size)) - 1;
      return *this;
    }
    bool operator!=(std::nullptr_t) const { return !word_.empty(); }

   private:
    bool next_block() {
      if (rest_ <= detail::kTextBlock) return false;
      block_ += detail::kTextBlock;
      rest_ -= detail::kTextBlock;
      done_ = detail::spaces(block_, std::min(rest_, detail::kTextBlock));
      return true;
    }
    /// A word that goes on in the next block.
    Iterator& take_long(unsigned at) {
      const char* const begin = block_ + at;
      std::size_t size = detail::kTextBlock - at;
      done_ = ~std::uint64_t{0};
      while (next_block()) {
        const auto more = static_cast<unsigned>(std::countr_zero(done_));
        size += more;
        if (more < detail::kTextBlock) {
          done_ |= (std::uint64_t{1} << more) - 1;
          break;
        }
        done_ = ~std::uint64_t{0};
      }
      word_ = {begin, size};
      return *this;
    }

    const char* block_;
    std::size_t rest_;    ///< bytes from the block to the end of the text
    std::uint64_t done_;  ///< of the block: white space, what was taken, what is past the end
    std::string_view word_;
  };
  Iterator begin() const { return Iterator(text_); }
  std::nullptr_t end() const { return nullptr; }

 private:
  std::string_view text_;
};

}  // namespace sparse
