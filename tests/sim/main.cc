// Runs seeds of the simulator; names the ones that fail, and how to run them again.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/sim/word_count_world.h"

int main(int count, char** arguments) {
  std::uint64_t seeds = 200, from = 1;
  bool verbose = false;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--seeds") == 0 && i + 1 < count)
      seeds = std::strtoull(arguments[++i], nullptr, 10);
    else if (std::strcmp(arguments[i], "--from") == 0 && i + 1 < count)
      from = std::strtoull(arguments[++i], nullptr, 10);
    else if (std::strcmp(arguments[i], "--verbose") == 0)
      verbose = true;
    else
      return std::fprintf(stderr, "usage: sim_test [--seeds N] [--from SEED] [--verbose]\n"), 2;
  }
  std::uint64_t passed = 0, failed = 0;
  for (std::uint64_t seed = from; seed < from + seeds; ++seed) {
    const sparse::sim::Outcome outcome = sparse::sim::run_word_count(seed);
    ++(outcome.passed ? passed : failed);
    if (!outcome.passed)
      std::printf("seed %llu failed: %s (%s)\n    again: sim_test --seeds 1 --from %llu\n", static_cast<unsigned long long>(seed),
                  outcome.problem.c_str(), outcome.summary.c_str(), static_cast<unsigned long long>(seed));
    else if (verbose)
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), outcome.summary.c_str());
    std::fflush(stdout);
  }
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(passed), static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}
