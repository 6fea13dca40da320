// Counting words: in one thread, and in two that share the lines.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <thread>
#include <unordered_map>

#include "text.h"

template <class Map>
inline void wc(const char* name, bool copy, bool mask) {
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
inline void partitioned(const char* name) {
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
