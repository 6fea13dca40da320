// What this machine can do: word count in one thread, over two, hand-over between threads, memory.
// usage: limits FILE [SECONDS per line]
#include <cstdlib>
#include <fstream>

#include "counting.h"
#include "hand_over.h"
#include "memory.h"

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
