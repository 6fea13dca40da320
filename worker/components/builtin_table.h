// Makes the components that come with sparse. Their names, options and outputs are in core/topology/builtins.h.
#pragma once

#include <memory>
#include <optional>

#include "worker/components/component.h"
#include "worker/components/figures.h"
#include "worker/components/stdout_sink.h"
#include "worker/kafka/clients.h"

namespace sparse::worker {

/// What the components of a worker share.
struct SharedParts {
  std::shared_ptr<StdoutSink> sink = {};  ///< of the print bolts
  std::shared_ptr<kafka::Clients> kafka = {};
  std::shared_ptr<FigureBoard> figures = {};
};

/// What is wrong with it beyond what core/topology checks, if anything. Its streams are not resolved yet.
std::optional<Error> check_builtin(const topology::Component& component);

/// Whether a bolt gives the verdicts on its inputs itself.
bool acks_by_itself(const topology::Component& component);

Result<MadeComponent> make_builtin(const topology::Component& component, const SharedParts& shared);

}  // namespace sparse::worker
