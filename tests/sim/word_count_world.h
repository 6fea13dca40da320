// A world in one thread, from one seed: the word count on three workers over a faulty network, one of which is killed.
#pragma once

#include <cstdint>
#include <string>

namespace sparse::sim {

struct Outcome {
  bool passed = false;
  std::string problem;  ///< what did not hold
  std::string summary;
};

/// The same seed gives the same run, to the last frame.
Outcome run_word_count(std::uint64_t seed);

}  // namespace sparse::sim
