// `sparse completion SHELL`: prints a script that completes verbs, options and files.
#pragma once

#include <string>

#include "sparse-cli/command_line.h"

namespace sparse::cli {

std::string bash_completion(const std::vector<VerbShape>& verbs);
std::string zsh_completion(const std::vector<VerbShape>& verbs);
std::string fish_completion(const std::vector<VerbShape>& verbs);

int run_completion(const CompletionArguments& arguments);

}  // namespace sparse::cli
