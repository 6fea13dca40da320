// Runs seeds of the simulator; names the ones that fail, and how to run them again.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/sim/world.h"

namespace {

struct Wanted {
  std::uint64_t seeds = 200, from = 1;
  bool verbose = false;
  bool twice = false;       ///< each seed, and compares the traces
  bool first_only = false;  ///< stops at the first seed that fails
};

bool read(int count, char** arguments, Wanted& wanted) {
  for (int i = 1; i < count; ++i) {
    const auto is = [&](const char* name) { return std::strcmp(arguments[i], name) == 0; };
    if (is("--seeds") && i + 1 < count)
      wanted.seeds = std::strtoull(arguments[++i], nullptr, 10);
    else if (is("--from") && i + 1 < count)
      wanted.from = std::strtoull(arguments[++i], nullptr, 10);
    else if (is("--verbose"))
      wanted.verbose = true;
    else if (is("--twice"))
      wanted.twice = true;
    else if (is("--first"))
      wanted.first_only = true;
    else
      return false;
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  Wanted wanted;
  if (!read(count, arguments, wanted))
    return std::fprintf(stderr, "usage: sim_test [--seeds N] [--from SEED] [--verbose] [--twice] [--first]\n"), 2;
  std::uint64_t passed = 0, failed = 0;
  for (std::uint64_t seed = wanted.from; seed < wanted.from + wanted.seeds && !(wanted.first_only && failed); ++seed) {
    sparse::sim::Outcome outcome = sparse::sim::run_world(seed);
    if (wanted.twice && sparse::sim::run_world(seed).trace != outcome.trace && outcome.passed) {
      outcome.passed = false;
      outcome.problem = "a second run of the same seed went another way";
    }
    const auto number = static_cast<unsigned long long>(seed), trace = static_cast<unsigned long long>(outcome.trace);
    ++(outcome.passed ? passed : failed);
    if (!outcome.passed)
      std::printf("seed %llu failed: %s (%s)\n    again: sim_test --seeds 1 --from %llu\n", number, outcome.problem.c_str(),
                  outcome.summary.c_str(), number);
    if (wanted.verbose)
      std::printf("seed %llu: %s, trace %016llx\n    %s\n", number, outcome.summary.c_str(), trace, outcome.world.c_str());
    std::fflush(stdout);
  }
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(passed), static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}
