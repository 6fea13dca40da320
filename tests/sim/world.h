// A world in one thread, from one seed: a drawn topology on workers of several loops over a faulty network, workers killed.
#pragma once

#include <cstdint>
#include <string>

namespace sparse::sim {

struct Outcome {
  bool passed = false;
  std::string problem;  ///< what did not hold
  std::string summary;
  std::string world;        ///< what was drawn
  std::uint64_t trace = 0;  ///< a number for all that happened
};

/// The same seed gives the same run, to the last frame.
Outcome run_world(std::uint64_t seed);

}  // namespace sparse::sim
