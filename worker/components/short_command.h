// Runs a program that answers and ends: its output, its exit code, and a limit on its time and on what it may say.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace sparse::worker {

struct ShortCommand {
  std::vector<std::string> argv;                        ///< the program is looked for in the PATH that it will have
  std::map<std::string, std::string> environment = {};  ///< over ours
  std::string folder = {};                              ///< empty: ours
  Nanoseconds at_most = 30 * kSecond;                   ///< then it is killed
};

struct CommandAnswer {
  int exit_code = 0;  ///< 128 + signal if a signal ended it
  std::string output;
  std::string error_text;  ///< stderr
};

/// Nothing to read on its stdin. Each output is cut at 1 MiB.
Result<CommandAnswer> run_short_command(const ShortCommand& command, const Clock& clock);

}  // namespace sparse::worker
