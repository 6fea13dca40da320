// `sparse visualize FILE`: a topology as a graph.
#pragma once

#include "core/topology/validate.h"
#include "sparse-cli/arguments.h"

namespace sparse::cli {

/// 0: done; 1: the topology is not valid, or the file cannot be written; 2: usage.
int run_visualize(const VisualizeArguments& arguments, const topology::Describe& describe);

}  // namespace sparse::cli
