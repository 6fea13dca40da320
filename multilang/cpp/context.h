// The handshake: what a child is told of its topology, its configuration and itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sparse/tuple.h>

#include "core/base/result.h"
#include "core/topology/topology.h"

namespace sparse::multilang {

/// The key of the configuration under which a child finds its component's `with:`.
inline constexpr std::string_view kOptionsKey = "sparse.options";

struct Handshake {
  const topology::Topology& topology;
  const topology::Component& component;
  TaskId task = 0;
  const std::vector<std::string_view>& component_of_task;  ///< by task number; [0] is unused
  std::string_view pid_folder;
  bool offers_batches = false;
};

/// Storm's shell context, all keys of it.
Value shell_context(const Handshake& handshake);
/// `{"conf": {…}, "pidDir": …, "context": {…}}`, and `sparse` if there is something to offer. Fails if the configuration has a
/// value that JSON cannot carry.
Result<std::string> handshake_json(const Handshake& handshake);

}  // namespace sparse::multilang
