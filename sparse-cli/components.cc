#include "sparse-cli/components.h"

#include <filesystem>

#include "core/base/install_paths.h"
#include "worker/components/shell_factory.h"

namespace sparse::cli {

std::unique_ptr<worker::ComponentFactory> make_components() {
  worker::ShellSettings settings;
  settings.launcher = process::make_process_launcher();
  settings.program = std::filesystem::read_symlink("/proc/self/exe").string();
  settings.python_sdk = install_paths().python;
  return worker::make_component_factory(worker::shell_maker(std::move(settings)));
}

topology::Describe make_describe() {
  return [factory = std::shared_ptr<worker::ComponentFactory>(make_components())](const topology::Component& component) {
    return factory->describe(component);
  };
}

}  // namespace sparse::cli
