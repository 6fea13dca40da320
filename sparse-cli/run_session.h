// One run of a worker under the user's eyes: shows how it goes, and ends it when the user or the time says so.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sparse-cli/run_control.h"
#include "sparse-cli/signals.h"
#include "sparse-cli/terminal.h"
#include "worker/worker.h"

namespace sparse::cli {

struct SessionOptions {
  RunLimits limits = {};
  std::function<bool()> changed = {};                                       ///< `--watch`: whether to start again; may be empty
  std::function<std::map<std::string, std::vector<Value>>()> figures = {};  ///< what tasks tell of themselves; may be empty
};

struct SessionEnd {
  RunSummary summary = {};
  bool abandoned = false;  ///< a component does not return: the worker must not be waited for
};

/// Starts the worker, and comes back when it is done, or abandoned.
SessionEnd run_session(worker::Worker& worker, const topology::Topology& topology, const SessionOptions& options,
                       Terminal& terminal, const StopSignals& signals);

}  // namespace sparse::cli
