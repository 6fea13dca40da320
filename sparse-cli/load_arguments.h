// Options of verbs that read topology files, as the loader wants them.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/topology/load.h"

namespace sparse::cli {

/// `options` are configuration, `variables` are substituted; both are KEY=VALUE.
Result<topology::LoadOptions> load_options_of(const std::vector<std::string>& options, const std::vector<std::string>& variables,
                                              const std::vector<std::string>& filters, bool env_filter);

}  // namespace sparse::cli
