// Asks a Python class what it is and emits, by running our launcher once.
#pragma once

#include <string>

#include <sparse/sdk.h>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/process/child_process.h"
#include "core/topology/topology.h"

namespace sparse::worker {

struct PythonClass {
  bool is_spout = false;
  ComponentSpec spec;
};

/// What the launcher has printed, as a value.
Result<PythonClass> parse_description(std::string_view json);

/// Runs `python3 -m sparse_stream.launch --describe` in the component's folder with its environment, at most so long.
Result<PythonClass> describe_python(const topology::Component& component, process::ProcessLauncher& launcher, const Clock& clock,
                                    Nanoseconds at_most = 30 * kSecond);

}  // namespace sparse::worker
