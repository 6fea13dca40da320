// Hashes and splitters for the bare loops.
#pragma once

#define XXH_INLINE_ALL
#include <immintrin.h>
#include <xxhash.h>

#include <cstdint>
#include <cstring>
#include <functional>

#include "meter.h"

struct XX {
  using is_avalanching = void;
  size_t operator()(sv s) const { return XXH3_64bits(s.data(), s.size()); }
};
struct Wy {  // wyhash's mix on at most 16 bytes, then 8 at a time
  using is_avalanching = void;
  static uint64_t mum(uint64_t a, uint64_t b) {
    __uint128_t r = (__uint128_t)a * b;
    return (uint64_t)r ^ (uint64_t)(r >> 64);
  }
  static uint64_t r8(const char* p) {
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
  }
  static uint64_t r4(const char* p) {
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
  }
  size_t operator()(sv s) const {
    const char* p = s.data();
    size_t n = s.size();
    uint64_t a, b, seed = 0xa0761d6478bd642full;
    if (n <= 16) {
      if (n >= 4) {
        a = r4(p) << 32 | r4(p + ((n >> 3) << 2));
        b = r4(p + n - 4) << 32 | r4(p + n - 4 - ((n >> 3) << 2));
      } else if (n) {
        a = (uint64_t)(uint8_t)p[0] << 16 | (uint64_t)(uint8_t)p[n >> 1] << 8 | (uint8_t)p[n - 1];
        b = 0;
      } else
        a = b = 0;
    } else {
      size_t i = n;
      while (i > 16) {
        seed = mum(r8(p) ^ 0xe7037ed1a0b428dbull, r8(p + 8) ^ seed);
        i -= 16;
        p += 16;
      }
      a = r8(p + i - 16);
      b = r8(p + i - 8);
    }
    return mum(0xe7037ed1a0b428dbull ^ n, mum(a ^ 0xe7037ed1a0b428dbull, b ^ seed));
  }
};
struct StdH {
  size_t operator()(sv s) const { return std::hash<sv>()(s); }
};
template <class F>
inline void split(sv l, F f) {
  const char *p = l.data(), *e = p + l.size();
  while (p < e) {
    while (p < e && *p == ' ') ++p;
    const char* b = p;
    while (p < e && *p != ' ') ++p;
    if (p > b) f(sv(b, p - b));
  }
}
// the same over 64-byte blocks: a mask of spaces, one bit a byte (the compiler makes it one AVX-512 or two AVX2 compares)
template <class F>
inline void split_mask(sv l, F f) {
  const char* p = l.data();
  size_t n = l.size(), start = 0;
  bool in = false;
  for (size_t o = 0; o < n; o += 64) {
    size_t len = n - o < 64 ? n - o : 64;
    char buf[64];
    const char* q = p + o;
    if (len < 64) {
      memset(buf, ' ', 64);
      memcpy(buf, q, len);
      q = buf;
    }
    uint64_t m = 0;
#if defined(__AVX512BW__)
    m = _mm512_cmpneq_epi8_mask(_mm512_loadu_si512(q), _mm512_set1_epi8(' '));
#else
    for (int i = 0; i < 64; i++) m |= uint64_t(q[i] != ' ') << i;
#endif
    uint64_t edges = m ^ (m << 1 | (in ? 1 : 0));
    while (edges) {
      size_t at = o + __builtin_ctzll(edges);
      edges &= edges - 1;
      if (!in) {
        start = at;
        in = true;
      } else {
        f(sv(p + start, at - start));
        in = false;
      }
    }
  }
  if (in) f(sv(p + start, n - start));
}
