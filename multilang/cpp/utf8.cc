// Whether bytes are text: UTF-8, and whether they are all ASCII.
#include "multilang/cpp/utf8.h"

#include <cstdint>
#include <cstring>

namespace sparse::multilang {

std::size_t utf8_sequence(const unsigned char* at, const unsigned char* end) {
  const auto left = static_cast<std::size_t>(end - at);
  const auto follows = [](unsigned char c) { return (c & 0xc0) == 0x80; };
  if (at[0] >= 0xc2 && at[0] <= 0xdf) return left >= 2 && follows(at[1]) ? 2 : 0;
  if ((at[0] & 0xf0) == 0xe0) {
    if (left < 3 || !follows(at[1]) || !follows(at[2])) return 0;
    if (at[0] == 0xe0 && at[1] < 0xa0) return 0;    // longer than needed
    return at[0] == 0xed && at[1] >= 0xa0 ? 0 : 3;  // a surrogate
  }
  if (at[0] >= 0xf0 && at[0] <= 0xf4) {
    if (left < 4 || !follows(at[1]) || !follows(at[2]) || !follows(at[3])) return 0;
    if (at[0] == 0xf0 && at[1] < 0x90) return 0;
    return at[0] == 0xf4 && at[1] >= 0x90 ? 0 : 4;
  }
  return 0;
}

bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kTops = 0x8080808080808080u;
  std::uint64_t word;
  while (text.size() >= sizeof word) {
    std::memcpy(&word, text.data(), sizeof word);
    if (word & kTops) return false;
    text.remove_prefix(sizeof word);
  }
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = at + text.size();
  while (at < end) {
    if (*at < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = utf8_sequence(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace sparse::multilang
