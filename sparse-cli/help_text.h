// The texts of `--help`, laid out from the shapes of the verbs.
#pragma once

#include "sparse-cli/command_line.h"

namespace sparse::cli {

std::string overview_text(const std::vector<VerbShape>& verbs);
std::string group_text(const std::string& group, const std::vector<VerbShape>& verbs);
std::string verb_help_text(const VerbShape& verb);
std::string version_number();  ///< `1.2.3`

/// What is wrong with an unknown verb or option: the nearest known one, or where to look.
std::string unknown_verb_text(const std::string& verb, const std::vector<VerbShape>& verbs);
std::string unknown_verb_of_group_text(const std::string& group, const std::string& verb, const std::vector<VerbShape>& verbs);
std::string unknown_option_text(const std::string& option, const VerbShape& verb);

}  // namespace sparse::cli
