// Framing of the multi-lang protocol: bytes to messages, each a text that ends with a line `end`.
#include "multilang/cpp/framing.h"

#include <algorithm>
#include <cstring>

namespace sparse::multilang {
namespace {

// A buffer that grew for one large message is given back when it is empty.
constexpr std::size_t kKeptCapacity = std::size_t{1} << 20;

bool blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_end(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line == "end";
}

}  // namespace

std::span<char> Framer::room(std::size_t at_least) {
  const std::size_t used = end_ - start_;
  if (capacity_ < kPadding + end_ + at_least || (used == 0 && capacity_ > kKeptCapacity)) {
    const std::size_t needed = used + at_least + kPadding;
    if (needed > capacity_ || (used == 0 && capacity_ > kKeptCapacity)) {
      const std::size_t grown = std::max(needed, used == 0 ? std::size_t{0} : 2 * used);
      auto larger = std::make_unique<char[]>(grown);
      if (used != 0) std::memcpy(larger.get(), buffer_.get() + start_, used);
      buffer_ = std::move(larger);
      capacity_ = grown;
    } else if (used != 0) {
      std::memmove(buffer_.get(), buffer_.get() + start_, used);
    }
    line_ -= start_;
    scan_ -= start_;
    start_ = 0;
    end_ = used;
  }
  return {buffer_.get() + end_, capacity_ - kPadding - end_};
}

std::optional<std::string_view> Framer::next() {
  while (!over_limit_) {
    const char* base = buffer_.get();
    const void* found = scan_ < end_ ? std::memchr(base + scan_, '\n', end_ - scan_) : nullptr;
    if (!found) {
      scan_ = end_;
      over_limit_ = end_ - start_ > limit_;
      break;
    }
    const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - base);
    const std::string_view line(base + line_, feed - line_);
    const std::size_t line_start = line_;
    scan_ = line_ = feed + 1;
    if (!is_end(line)) continue;
    const std::string_view text = trimmed({base + start_, line_start - start_});
    if (text.size() > limit_) {
      over_limit_ = true;
      break;
    }
    start_ = feed + 1;
    if (!text.empty()) return text;
  }
  return std::nullopt;
}

void Framer::clear() {
  start_ = line_ = scan_ = end_ = 0;
  over_limit_ = false;
}

}  // namespace sparse::multilang
