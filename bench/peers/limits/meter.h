// Time, processor time, places of threads, and the input, for the bare loops.
#pragma once

#include <pthread.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

using sv = std::string_view;
inline double secs = 1.5;
inline std::vector<std::string> lines;
inline size_t words_per_loop = 0;
inline double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
inline double cpu() {
  rusage r;
  getrusage(RUSAGE_SELF, &r);
  return r.ru_utime.tv_sec + r.ru_stime.tv_sec + 1e-6 * (r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}
inline void pin(int c) {
  cpu_set_t s;
  CPU_ZERO(&s);
  CPU_SET(c, &s);
  pthread_setaffinity_np(pthread_self(), sizeof s, &s);
}
inline void relax() { __builtin_ia32_pause(); }
struct Meter {
  double t = now(), c = cpu();
  void say(const char* name, double n, const char* unit) {
    double dt = now() - t, dc = cpu() - c;
    printf("%-62s %10.2f %s  cores %.2f\n", name, n / dt / 1e6, unit, dc / dt);
    fflush(stdout);
  }
};
