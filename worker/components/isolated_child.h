// The process that `isolate: process` starts: `sparse component FILE.so NAME`.
#pragma once

#include <string>

namespace sparse::worker {

/// The first word on the command line of such a process.
inline constexpr const char* kIsolatedVerb = "component";

/// Serves one bolt of a plugin over the descriptors 0 and 1, as PROTOCOL.md says, until the parent goes away. The exit code;
/// what was wrong is on stderr.
int run_isolated(const std::string& file, const std::string& name);

}  // namespace sparse::worker
