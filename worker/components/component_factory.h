// Makes the components of a topology: built-ins, plugins, and programs in other languages.
#pragma once

#include <functional>
#include <memory>

#include "worker/components/component.h"

namespace sparse::worker {

/// Makes `python` and `command` components, and those with `isolate: process`.
using MakeShell = std::function<Result<MadeComponent>(const topology::Topology&, const topology::Component&)>;

/// The production factory. The standard output outlives it and what it makes. Errors do not name the component: who asks knows
/// it.
std::unique_ptr<ComponentFactory> make_component_factory(MakeShell make_shell);

}  // namespace sparse::worker
