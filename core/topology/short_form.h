// Spouts and bolts as our own short form writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/topology/findings.h"

namespace sparse::topology {

/// Reads one entry of `spouts:` or `bolts:`. Empty if it has no id; if anything else is wrong, it is reported, and the component
/// runs a built-in without name.
std::optional<Component> read_short_form(const yaml::Node& node, bool is_spout, const Document& document, Findings& findings);

/// `spout "lines"`, or `spout` while the id is unknown.
std::string subject_of(const yaml::Node& node, bool is_spout);

// Parts of components that Flux's form has, too.
void read_component_config(const yaml::Node& node, Component& component, const Document& document, Findings& findings);
/// Plugins: FILE.so/NAME. False, and reported, if it is not.
bool read_plugin(const yaml::Node& node, const Document& document, Findings& findings, Implementation& implementation);
/// A list of arguments, or a text that is split.
bool read_command(const yaml::Node& node, const Document& document, Findings& findings, std::vector<std::string>& argv);

}  // namespace sparse::topology
