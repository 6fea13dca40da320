// One case for each kind of implementation.
#include "worker/components/component_factory.h"

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/collect_names.h"
#include "core/base/nearest.h"
#include "core/topology/plugin_path.h"
#include "worker/components/builtin_table.h"
#include "worker/components/plugin_loader.h"
#include "worker/components/python_class.h"

namespace sparse::worker {
namespace {

using topology::Implementation;

class ProductionFactory final : public ComponentFactory {
 public:
  explicit ProductionFactory(MakeShell make_shell)
      : make_shell_(std::move(make_shell)),
        shared_{.sink = std::make_shared<StdoutSink>(STDOUT_FILENO),
                .kafka = std::make_shared<kafka::Clients>(seed_from_system()),
                .figures = std::make_shared<FigureBoard>()} {}

  Result<ComponentSpec> describe(const topology::Component& component) override {
    switch (component.runs.kind) {
      case Implementation::Kind::builtin: {  // core/topology knows what they emit
        if (auto wrong = check_builtin(component)) return *wrong;
        if (component.runs.name == "kafka")
          if (auto wrong = shared_.kafka->check(component)) return *wrong;
        return ComponentSpec{.manual_ack = acks_by_itself(component)};
      }
      case Implementation::Kind::python: return describe_class(component);
      case Implementation::Kind::command: break;
      case Implementation::Kind::plugin: {
        const auto found = plugin_class(component);
        if (!found) return found.error();
        return (*found)->spec;
      }
    }
    return ComponentSpec();
  }

  Result<MadeComponent> make(const topology::Topology& topology, const topology::Component& component) override {
    switch (component.runs.kind) {
      case Implementation::Kind::builtin: return make_builtin(component, shared_);
      case Implementation::Kind::plugin:
        return topology::runs_as_child(component) ? make_shell_(topology, component) : make_plugin(component);
      case Implementation::Kind::python:
      case Implementation::Kind::command: return make_shell_(topology, component);
    }
    return Error{"unknown kind of component"};
  }

  Result<std::unique_ptr<Grouping>> make_grouping(const Implementation& implementation) override {
    if (implementation.kind != Implementation::Kind::plugin)
      return Error{"a custom grouping comes from a plugin: name it by {plugin: FILE.so/NAME}"};
    const auto plugin = plugins_.load(topology::find_plugin(implementation.file));
    if (!plugin) return plugin.error();
    const auto& groupings = (*plugin)->groupings;
    if (const auto found = groupings.find(implementation.name); found != groupings.end()) return found->second();
    const std::vector<std::string> known = collect_names(groupings, [](const auto& pair) { return pair.first; });
    const std::string meant = nearest(implementation.name, known);
    return Error{fmt::format("the plugin {} has no grouping \"{}\"; {}", implementation.file, implementation.name,
                             !meant.empty()  ? fmt::format("did you mean \"{}\"?", meant)
                             : known.empty() ? "it has none"
                                             : fmt::format("it has {}", fmt::join(known, ", ")))};
  }

  std::map<std::string, std::vector<Value>> figures() const override { return shared_.figures->all(); }

 private:
  Result<const Plugin::Class*> plugin_class(const topology::Component& component) {
    const auto plugin = plugins_.load(topology::find_plugin(component.runs.file));
    if (!plugin) return plugin.error();
    return find_class(**plugin, component.runs.name, component.is_spout);
  }

  Result<MadeComponent> make_plugin(const topology::Component& component) {
    const auto found = plugin_class(component);
    if (!found) return found.error();
    try {
      MadeComponent result;
      if (component.is_spout)
        result.spout = (*found)->make_spout();
      else
        result.bolt = (*found)->make_bolt();
      return result;
    } catch (const std::exception& error) {
      return Error{fmt::format("the constructor of {} in the plugin {} threw: {}", component.runs.name, component.runs.file,
                               error.what())};
    } catch (...) {
      return Error{fmt::format("the constructor of {} in the plugin {} threw what is no std::exception", component.runs.name,
                               component.runs.file)};
    }
  }

  Result<ComponentSpec> describe_class(const topology::Component& component) {
    const auto found = describe_python(component, *launcher_, clock_);
    if (!found) return found.error();
    if (found->is_spout == component.is_spout) return found->spec;
    return Error{fmt::format("the Python class {} is a {}, and the topology file has it among the {}", component.runs.name,
                             found->is_spout ? "spout" : "bolt", component.is_spout ? "spouts" : "bolts")};
  }

  SystemClock clock_;
  std::shared_ptr<process::ProcessLauncher> launcher_ = process::make_process_launcher();
  MakeShell make_shell_;
  SharedParts shared_;
  PluginLoader plugins_;
};

}  // namespace

std::unique_ptr<ComponentFactory> make_component_factory(MakeShell make_shell) {
  return std::make_unique<ProductionFactory>(std::move(make_shell));
}

}  // namespace sparse::worker
