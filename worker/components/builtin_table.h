// Makes the components that come with sparse. Their names, options and outputs are in core/topology/builtins.h.
#pragma once

#include <memory>
#include <optional>

#include "worker/components/component.h"
#include "worker/components/stdout_sink.h"

namespace sparse::worker {

/// What is wrong with it beyond what core/topology checks, if anything. Its streams are not resolved yet.
std::optional<Error> check_builtin(const topology::Component& component);

/// `sink` is what the print bolts of a worker share.
Result<MadeComponent> make_builtin(const topology::Component& component, const std::shared_ptr<StdoutSink>& sink);

}  // namespace sparse::worker
