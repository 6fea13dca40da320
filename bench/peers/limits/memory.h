// Reading and copying memory, in one thread and in two.
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>

#include "meter.h"

inline void memory(int threads) {
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
