// Options, and the properties of librdkafka among them.
#include "core/topology/kafka_secrets.h"

#include <fmt/format.h>

#include <string>

#include "core/topology/values.h"

namespace sparse::topology {
namespace {

void check_secrets(const Component& component, const Value& options, const std::string& prefix, Severity severity,
                   Findings& findings) {
  for (const auto& [name, value] : *options.as<Value::Map>()) {
    const std::string option = prefix + name;
    if (!is_secret(value)) {
      if (value.as<Value::Map>()) check_secrets(component, value, option + ".", severity, findings);
      continue;
    }
    Value resolved = value;
    const auto wrong = resolve_secrets(resolved);
    if (!wrong) continue;
    const auto place = component.places.find("option." + option);
    findings
        .add(severity, "SP1221", place == component.places.end() ? component.where : place->second,
             fmt::format("{} \"{}\": {}", component.is_spout ? "spout" : "bolt", component.id, wrong->message))
        .help.push_back("it has to be there when the topology runs");
  }
}

}  // namespace

void check_kafka_secrets(const Topology& topology, Severity severity, Findings& findings) {
  for (const Component& component : topology.components)
    if (component.runs.kind == Implementation::Kind::builtin && component.runs.name == "kafka")
      check_secrets(component, component.options, "", severity, findings);
}

}  // namespace sparse::topology
