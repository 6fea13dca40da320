// Splits a command line into arguments as a POSIX shell does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace sparse {

/// Blanks separate; single and double quotes and backslashes protect. Nothing is expanded, and what only a shell could do
/// (`|`, `>`, `$VAR`) is an error that says so.
Result<std::vector<std::string>> shell_words(std::string_view line);

}  // namespace sparse
