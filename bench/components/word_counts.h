// How often each word was seen.
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bench {

struct WordHash {
  using is_transparent = void;
  using is_avalanching = void;
  std::size_t operator()(std::string_view word) const { return XXH3_64bits(word.data(), word.size()); }
};

/// Nearly all words have at most 16 bytes: two loads from each, which may overlap, cost less than a call of memcmp.
struct SameWord {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    const std::size_t size = a.size();
    if (size != b.size()) return false;
    if (size > 16) return a == b;
    if (size >= 8) return same_ends<std::uint64_t>(a.data(), b.data(), size);
    if (size >= 4) return same_ends<std::uint32_t>(a.data(), b.data(), size);
    return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
  }

 private:
  template <class T>
  static T load(const char* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  template <class T>
  static bool same_ends(const char* a, const char* b, std::size_t size) {
    const std::size_t last = size - sizeof(T);
    return ((load<T>(a) ^ load<T>(b)) | (load<T>(a + last) ^ load<T>(b + last))) == 0;
  }
};

using WordCounts = boost::unordered_flat_map<std::string, std::int64_t, WordHash, SameWord>;

}  // namespace bench
