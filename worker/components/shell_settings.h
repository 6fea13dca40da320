// What shell bolts and spouts are made with.
#pragma once

#include <memory>
#include <string>

#include "core/process/child_process.h"
#include "core/topology/topology.h"
#include "multilang/cpp/framing.h"
#include "worker/components/restart_policy.h"

namespace sparse::worker {

struct ShellLimits {
  RestartLimits restart = {};
  std::size_t message = multilang::kMessageLimit;
  Nanoseconds handshake = 30 * kSecond;
  Nanoseconds unfinished_message = 30 * kSecond;
  Nanoseconds stop = 5 * kSecond;
  std::size_t waiting_bytes = 64 * 1024;  ///< what may wait in front of the child's pipe before the task pauses
  std::size_t unsettled = 65'536;         ///< inputs that a child may hold before the task pauses
};

struct ShellSettings {
  std::shared_ptr<process::ProcessLauncher> launcher = {};
  std::string program = {};        ///< sparse itself, for components with `isolate: process`
  std::string python = "python3";  ///< runs `python:` components
  std::string python_sdk = {};     ///< the folder that holds `sparse_stream`
  ShellLimits limits = {};
};

/// What to start for a `command:` or `python:` component, or for one with `isolate: process`.
process::Command shell_command(const topology::Topology& topology, const topology::Component& component,
                               const ShellSettings& settings);

}  // namespace sparse::worker
