// The components of this program: built-ins, plugins, and programs in other languages.
#pragma once

#include <memory>

#include "core/topology/validate.h"
#include "worker/components/component_factory.h"

namespace sparse::cli {

std::unique_ptr<worker::ComponentFactory> make_components();

/// Asks classes what they are, for verbs that run nothing.
topology::Describe make_describe();

}  // namespace sparse::cli
