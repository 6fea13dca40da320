// `sparse sdk`: where the SDK is.
#pragma once

#include "sparse-cli/arguments.h"

namespace sparse::cli {

int run_sdk(const SdkArguments& arguments);

}  // namespace sparse::cli
