// Starts a program: finds it, prepares its environment, forks and execs. Every failure is told in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/process/child_process.h"

namespace sparse::process {

/// `KEY=value` entries: the parent's, with the command's merged over them.
std::vector<std::string> merged_environment(const char* const* parent, const Command& command);
/// The file that `argv[0]` names: by PATH of `environment` if it has no slash, else relative to the command's cwd.
Result<std::string> find_program(const Command& command, const std::vector<std::string>& environment);

/// Our ends of the pipes are not inherited by any child.
struct Spawned {
  pid_t pid = -1;
  int stdin_fd = -1;
  int stdout_fd = -1;
  int stderr_fd = -1;
};
/// The child is killed when the *thread* that called this ends: call it from one that lives as long as the process.
Result<Spawned> spawn(const Command& command);

}  // namespace sparse::process
