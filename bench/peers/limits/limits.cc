// What this machine can do: word count in one thread, over two, hand-over between threads, memory.
// usage: limits FILE [SECONDS per line]
#include <boost/unordered/unordered_flat_map.hpp>
#define XXH_INLINE_ALL
#include <immintrin.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xxhash.h>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>
using sv = std::string_view;
static double secs = 1.5;
static std::vector<std::string> lines;
static size_t words_per_loop = 0;
static double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
static double cpu() {
  rusage r;
  getrusage(RUSAGE_SELF, &r);
  return r.ru_utime.tv_sec + r.ru_stime.tv_sec + 1e-6 * (r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}
static void pin(int c) {
  cpu_set_t s;
  CPU_ZERO(&s);
  CPU_SET(c, &s);
  pthread_setaffinity_np(pthread_self(), sizeof s, &s);
}
static void relax() { __builtin_ia32_pause(); }
struct Meter {
  double t = now(), c = cpu();
  void say(const char* name, double n, const char* unit) {
    double dt = now() - t, dc = cpu() - c;
    printf("%-62s %10.2f %s  cores %.2f\n", name, n / dt / 1e6, unit, dc / dt);
    fflush(stdout);
  }
};
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
static inline void split(sv l, F f) {
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
static inline void split_mask(sv l, F f) {
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
template <class Map>
static void wc(const char* name, bool copy, bool mask) {
  Map m;
  uint64_t loops = 0;
  Meter t;
  while (now() - t.t < secs) {
    for (auto& l : lines) {
      if (copy) {
        std::string c(l);
        split(c, [&](sv w) { ++m[typename Map::key_type(w)]; });
      } else if (mask)
        split_mask(l, [&](sv w) { ++m[typename Map::key_type(w)]; });
      else
        split(l, [&](sv w) { ++m[typename Map::key_type(w)]; });
    }
    ++loops;
  }
  uint64_t total = 0;
  for (auto& [k, v] : m) total += v;
  if (total != loops * words_per_loop) printf("WRONG COUNT %s\n", name);
  t.say(name, total, "M words/s");
}
template <class T>
struct Ring {  // SPSC, cached indices
  static constexpr size_t N = 1 << 12;
  alignas(64) std::atomic<size_t> head{0};
  size_t tailc = 0;
  alignas(64) std::atomic<size_t> tail{0};
  size_t headc = 0;
  alignas(64) T a[N];
  size_t room(size_t want) {  // producer
    size_t h = head.load(std::memory_order_relaxed);
    if (N - (h - tailc) < want) tailc = tail.load(std::memory_order_acquire);
    return N - (h - tailc);
  }
  size_t have() {  // consumer
    size_t t = tail.load(std::memory_order_relaxed);
    if (headc == t) headc = head.load(std::memory_order_acquire);
    return headc - t;
  }
};
struct B64 {
  uint64_t v[8];
};
template <class T>
static void ring(const char* name, size_t batch) {
  auto r = std::make_unique<Ring<T>>();
  std::atomic<bool> stop{false};
  uint64_t n = 0;
  Meter t;
  std::thread c([&] {
    pin(1);
    for (;;) {
      size_t k = r->have();
      if (!k) {
        if (stop.load(std::memory_order_acquire) && !r->have()) break;
        relax();
        continue;
      }
      size_t b = r->tail.load(std::memory_order_relaxed);
      if (batch == 1) k = 1;
      for (size_t i = 0; i < k; i++) {
        T x = r->a[(b + i) % Ring<T>::N];
        n += 1;
        asm volatile("" ::"m"(x));
      }
      r->tail.store(b + k, std::memory_order_release);
    }
  });
  std::thread p([&] {
    pin(0);
    double end = now() + secs;
    uint64_t k = 0;
    T x{};
    while ((++k & 1023) || now() < end) {
      while (r->room(batch) < batch) relax();
      size_t h = r->head.load(std::memory_order_relaxed);
      for (size_t i = 0; i < batch; i++) {
        memcpy(&x, &k, 8);
        r->a[(h + i) % Ring<T>::N] = x;
      }
      r->head.store(h + batch, std::memory_order_release);
    }
    stop = true;
  });
  p.join();
  c.join();
  t.say(name, n, "M items/s");
}
struct Ref {
  sv w;
  uint64_t h;
};
struct Own {
  uint64_t h;
  uint32_t n;
  char b[52];
};  // a 64-byte tuple that owns its word
template <class T>
static void piped(const char* name, size_t batch) {
  auto r = std::make_unique<Ring<T>>();
  std::atomic<bool> stop{false};
  uint64_t n = 0;
  Meter t;
  std::thread c([&] {
    pin(1);
    struct H {
      size_t operator()(const Ref& x) const { return x.h; }
    };
    struct E {
      bool operator()(const Ref& x, const Ref& y) const { return x.w == y.w; }
    };
    boost::unordered_flat_map<Ref, uint64_t, H, E> m;
    std::vector<std::unique_ptr<std::string>> keep;
    for (;;) {
      size_t k = r->have();
      if (!k) {
        if (stop.load(std::memory_order_acquire) && !r->have()) break;
        relax();
        continue;
      }
      size_t b = r->tail.load(std::memory_order_relaxed);
      for (size_t i = 0; i < k; i++) {
        T& x = r->a[(b + i) % Ring<T>::N];
        Ref f;
        if constexpr (std::is_same_v<T, Ref>)
          f = x;
        else
          f = {sv(x.b, x.n), x.h};
        auto it = m.find(f);
        if (it != m.end())
          ++it->second;
        else {
          keep.push_back(std::make_unique<std::string>(f.w));
          f.w = *keep.back();
          m.emplace(f, 1);
        }
      }
      n += k;
      r->tail.store(b + k, std::memory_order_release);
    }
  });
  std::thread p([&] {
    pin(0);
    double end = now() + secs;
    Wy hash;
    size_t h = 0, left = 0, made = 0;
    while (now() < end)
      for (auto& l : lines)
        split_mask(l, [&](sv w) {
          if (made == left) {
            r->head.store(h, std::memory_order_release);
            made = 0;
            while (r->room(batch) < batch) relax();
            left = batch;
          }
          T& x = r->a[h % Ring<T>::N];
          if constexpr (std::is_same_v<T, Ref>)
            x = {w, hash(w)};
          else {
            x.h = hash(w);
            x.n = w.size() < 52 ? w.size() : 52;
            memcpy(x.b, w.data(), x.n);
          }
          ++h;
          ++made;
        });
    r->head.store(h, std::memory_order_release);
    stop = true;
  });
  p.join();
  c.join();
  t.say(name, n, "M words/s");
}
static void partitioned(const char* name) {
  std::vector<std::thread> th;
  uint64_t n[2] = {};
  Meter t;
  for (int k = 0; k < 2; k++)
    th.emplace_back([&, k] {
      pin(k);
      boost::unordered_flat_map<sv, uint64_t, Wy> m;
      double end = now() + secs;
      uint64_t c = 0;
      while (now() < end)
        for (size_t i = k; i < lines.size(); i += 2)
          split_mask(lines[i], [&](sv w) {
            ++m[w];
            ++c;
          });
      n[k] = c;
    });
  for (auto& x : th) x.join();
  t.say(name, n[0] + n[1], "M words/s");
}
static void memory(int threads) {
  const size_t N = 512u << 20;
  std::vector<std::unique_ptr<uint64_t[]>> a(threads), b(threads);
  for (int k = 0; k < threads; k++) {
    a[k].reset(new uint64_t[N / 8]);
    b[k].reset(new uint64_t[N / 8]);
    memset(a[k].get(), 1, N);
    memset(b[k].get(), 2, N);
  }
  auto go = [&](const char* what, auto f) {
    std::atomic<uint64_t> bytes{0};
    Meter t;
    std::vector<std::thread> th;
    for (int k = 0; k < threads; k++)
      th.emplace_back([&, k] {
        pin(k);
        double end = now() + secs;
        while (now() < end) {
          f(k);
          bytes += N;
        }
      });
    for (auto& x : th) x.join();
    char name[96];
    snprintf(name, sizeof name, "memory %s, %d thread%s (512 MiB buffers)", what, threads, threads > 1 ? "s" : "");
    t.say(name, bytes.load(), "MB/s");
  };
  go("read", [&](int k) {
    uint64_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    auto* p = a[k].get();
    for (size_t i = 0; i < N / 8; i += 4) {
      s0 += p[i];
      s1 += p[i + 1];
      s2 += p[i + 2];
      s3 += p[i + 3];
    }
    uint64_t s = s0 + s1 + s2 + s3;
    asm volatile("" ::"r"(s));
  });
  go("memcpy (bytes copied)", [&](int k) {
    memcpy(b[k].get(), a[k].get(), N);
    asm volatile("" ::: "memory");
  });
}
static void fut(std::atomic<int>& a, int op, int v) { syscall(SYS_futex, &a, op | FUTEX_PRIVATE_FLAG, v, nullptr, nullptr, 0); }
static void pingpong(bool sleep) {
  alignas(64) std::atomic<int> x{0};
  alignas(64) std::atomic<int> y{0};
  std::atomic<bool> stop{false};
  uint64_t n = 0;
  double t0 = now();
  auto wait = [&](std::atomic<int>& a, int old) {
    while (a.load(std::memory_order_acquire) == old && !stop) {
      if (sleep)
        fut(a, FUTEX_WAIT, old);
      else
        relax();
    }
  };
  std::thread c([&] {
    pin(1);
    int k = 0;
    while (!stop) {
      wait(x, k);
      k = x.load();
      y.store(k, std::memory_order_release);
      if (sleep) fut(y, FUTEX_WAKE, 1);
    }
  });
  {
    pin(0);
    double end = t0 + secs;
    int k = 0;
    while (now() < end) {
      ++k;
      x.store(k, std::memory_order_release);
      if (sleep) fut(x, FUTEX_WAKE, 1);
      wait(y, k - 1);
      ++n;
    }
    stop = true;
    x.store(-1);
    fut(x, FUTEX_WAKE, 1);
  }
  c.join();
  cpu_set_t s;
  CPU_ZERO(&s);
  CPU_SET(0, &s);
  CPU_SET(1, &s);
  pthread_setaffinity_np(pthread_self(), sizeof s, &s);
  printf("%-62s %10.3f us round trip\n", sleep ? "ping-pong, futex sleep" : "ping-pong, spinning", (now() - t0) / n * 1e6);
  fflush(stdout);
}
int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: limits FILE [SECONDS]\n");
    return 2;
  }
  if (argc > 2) secs = atof(argv[2]);
  std::ifstream f(argv[1]);
  for (std::string l; std::getline(f, l);) lines.push_back(l);
  for (auto& l : lines) split(l, [](sv) { ++words_per_loop; });
  size_t check = 0;
  for (auto& l : lines) split_mask(l, [&](sv) { ++check; });
  if (!words_per_loop || check != words_per_loop) {
    fprintf(stderr, "bad split: %zu %zu\n", check, words_per_loop);
    return 1;
  }
  printf("# %zu lines, %zu words\n", lines.size(), words_per_loop);
  {
    Meter t;
    uint64_t n = 0;
    while (now() - t.t < secs)
      for (auto& l : lines)
        split(l, [&](sv w) {
          n++;
          asm volatile("" ::"r"(w.data()));
        });
    t.say("split only, byte loop", n, "M words/s");
  }
  {
    Meter t;
    uint64_t n = 0;
    while (now() - t.t < secs)
      for (auto& l : lines)
        split_mask(l, [&](sv w) {
          n++;
          asm volatile("" ::"r"(w.data()));
        });
    t.say("split only, 64-byte masks", n, "M words/s");
  }
  wc<std::unordered_map<std::string, uint64_t>>("count: std::unordered_map<std::string>", false, false);
  wc<std::unordered_map<sv, uint64_t>>("count: std::unordered_map<string_view>", false, false);
  wc<boost::unordered_flat_map<std::string, uint64_t, Wy>>("count: boost flat_map<std::string>, wyhash, line copied", true,
                                                           false);
  wc<boost::unordered_flat_map<sv, uint64_t, StdH>>("count: boost flat_map<string_view>, std::hash", false, false);
  wc<boost::unordered_flat_map<sv, uint64_t, XX>>("count: boost flat_map<string_view>, xxh3", false, false);
  wc<boost::unordered_flat_map<sv, uint64_t, Wy>>("count: boost flat_map<string_view>, wyhash", false, false);
  wc<boost::unordered_flat_map<sv, uint64_t, XX>>("count: boost flat_map<string_view>, xxh3, mask split", false, true);
  wc<boost::unordered_flat_map<sv, uint64_t, Wy>>("count: boost flat_map<string_view>, wyhash, mask split", false, true);
  partitioned("two threads, lines partitioned, wyhash + mask split");
  piped<Ref>("two threads piped by word: 24-byte references, batch 64", 64);
  piped<Ref>("two threads piped by word: 24-byte references, batch 256", 256);
  piped<Own>("two threads piped by word: 64-byte owning tuples, batch 1", 1);
  piped<Own>("two threads piped by word: 64-byte owning tuples, batch 64", 64);
  piped<Own>("two threads piped by word: 64-byte owning tuples, batch 256", 256);
  ring<uint64_t>("SPSC ring, 8-byte items, one by one", 1);
  ring<uint64_t>("SPSC ring, 8-byte items, batch 64", 64);
  ring<B64>("SPSC ring, 64-byte items, one by one", 1);
  ring<B64>("SPSC ring, 64-byte items, batch 64", 64);
  ring<B64>("SPSC ring, 64-byte items, batch 256", 256);
  pingpong(false);
  pingpong(true);
  memory(1);
  memory(2);
}
