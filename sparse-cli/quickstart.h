// `sparse quickstart NAME`: a new project from a template that comes with sparse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "sparse-cli/arguments.h"

namespace sparse::cli {

/// Why this cannot be the name of a topology; empty if it can.
std::string why_no_name(std::string_view name);

/// A template's text with the project's name in the places of PROJECT.
std::string filled_in(std::string_view text, std::string_view name);

/// Copies the template to a folder that does not exist yet. The files created, relative to the folder, sorted.
Result<std::vector<std::string>> create_project(const std::string& template_folder, const std::string& folder,
                                                std::string_view name);

int run_quickstart(const QuickstartArguments& arguments);

}  // namespace sparse::cli
