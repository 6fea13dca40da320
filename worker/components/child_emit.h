// Whether a child's emit can be made, by the topology; if not, why not.
#pragma once

#include <string>

#include "multilang/cpp/message.h"
#include "worker/components/component.h"

namespace sparse::worker {

/// Empty: it can. Names component, stream and cause.
std::string refusal(const TaskHost& host, const multilang::EmitMessage& emit);
/// The component's only stream that is not direct, if there is exactly one.
const topology::Stream* only_plain_stream(const topology::Component& component);
bool has_subscriber(const topology::Topology& topology, const topology::Component& component, std::string_view stream);

}  // namespace sparse::worker
