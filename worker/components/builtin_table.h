// Makes the components that come with sparse. Their names, options and outputs are in core/topology/builtins.h.
#pragma once

#include <memory>

#include "worker/components/component.h"
#include "worker/components/stdout_sink.h"

namespace sparse::worker {

/// `sink` is what the print bolts of a worker share.
Result<MadeComponent> make_builtin(const topology::Component& component, const std::shared_ptr<StdoutSink>& sink);

}  // namespace sparse::worker
