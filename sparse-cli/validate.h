// `sparse validate FILE…`: reads topology files and says what is wrong in them.
#pragma once

#include "core/topology/validate.h"
#include "sparse-cli/arguments.h"

namespace sparse::cli {

/// Findings go to stderr, one line per good file to stdout; with `json`, one object a line and file to stdout:
/// `{"file", "valid", "topology", "diagnostics"}`. 0: all are valid; 1: not all are; 2: usage.
int run_validate(const ValidateArguments& arguments, const topology::Describe& describe);

}  // namespace sparse::cli
