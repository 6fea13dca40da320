// Why a file cannot be a plugin, as far as its first bytes tell: the dynamic linker's own words do not help an author.
#pragma once

#include <optional>
#include <string>

namespace sparse::worker {

/// What is wrong with the file, as the end of a sentence that begins with its name; nothing if it looks like a shared object
/// for this machine.
std::optional<std::string> why_no_shared_object(const std::string& file);

/// The same for what dlopen said.
std::string explain_link_error(const std::string& file, std::string_view message);

}  // namespace sparse::worker
