#include "sparse-cli/components.h"

#include <fmt/format.h>

namespace sparse::cli {
namespace {

Result<worker::MadeComponent> make_shell(const topology::Topology&, const topology::Component& component) {
  return Error{fmt::format("{} is a program in another language, and this build has no driver for those", component.id)};
}

}  // namespace

std::unique_ptr<worker::ComponentFactory> make_components() { return worker::make_component_factory(make_shell); }

topology::Describe make_describe() {
  return [factory = std::shared_ptr<worker::ComponentFactory>(make_components())](const topology::Component& component) {
    return factory->describe(component);
  };
}

}  // namespace sparse::cli
