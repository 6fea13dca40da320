// `sparse run`: a topology in this process, from its file to its summary.
#pragma once

#include "sparse-cli/arguments.h"

namespace sparse::cli {

int run_run(const RunArguments& arguments);

}  // namespace sparse::cli
