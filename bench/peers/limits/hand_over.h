// Handing over between two threads: rings, a word count in two stages, ping-pong.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <thread>

#include "text.h"

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
inline void ring(const char* name, size_t batch) {
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
inline void piped(const char* name, size_t batch) {
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
inline void fut(std::atomic<int>& a, int op, int v) { syscall(SYS_futex, &a, op | FUTEX_PRIVATE_FLAG, v, nullptr, nullptr, 0); }
inline void pingpong(bool sleep) {
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
