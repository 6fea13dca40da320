// What shell bolts and spouts are made with.
#include "worker/components/shell_settings.h"

#include <cstdlib>

#include "core/topology/plugin_path.h"
#include "worker/components/isolated_child.h"

namespace sparse::worker {

process::Command shell_command(const topology::Topology& topology, const topology::Component& component,
                               const ShellSettings& settings) {
  process::Command command{.env = component.env, .cwd = component.cwd.empty() ? topology.folder : component.cwd};
  if (component.runs.kind == topology::Implementation::Kind::plugin) {
    command.argv = {settings.program, kIsolatedVerb, topology::find_plugin(component.runs.file), component.runs.name};
    return command;
  }
  if (component.runs.kind != topology::Implementation::Kind::python) {
    command.argv = component.runs.argv;
    return command;
  }
  command.argv = {settings.python, "-m", "sparse_stream.launch", component.runs.name};
  std::string path = settings.python_sdk;
  const auto add = [&path](const std::string& more) {
    if (more.empty()) return;
    if (!path.empty()) path += ':';
    path += more;
  };
  add(topology.folder);
  const auto own = component.env.find("PYTHONPATH");
  const char* inherited = std::getenv("PYTHONPATH");
  add(own != component.env.end() ? own->second : inherited ? inherited : "");
  command.env["PYTHONPATH"] = path;
  return command;
}

}  // namespace sparse::worker
