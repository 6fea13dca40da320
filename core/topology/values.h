// YAML values as values of components: options and configuration. Secrets stay what they are until they are used.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/topology/findings.h"

namespace sparse::topology {

/// A value as the file gives it. What YAML readers disagree on is reported, and read as null. A secret `{file: PATH}` gets an
/// absolute path.
Value to_value(const yaml::Node& node, const Document& document, Findings& findings);

/// A map as such; keys that begin with `x-` are kept. Always a map.
Value to_map(const yaml::Node& node, const Document& document, Findings& findings);

/// Sets `map[key] = value`.
void set_key(Value& map, std::string_view key, Value value);

/// An absolute path: as it is, or from this folder on; `.` and `..` are resolved by name.
std::string absolute_path(std::string_view folder, std::string_view path);

/// Whether this is `{env: NAME}` or `{file: PATH}`.
bool is_secret(const Value& value);

/// Puts the texts of its secrets into a value: of an environment variable, or of a file (without the line end that ends it).
/// Nothing else ever does; an error names the variable or file that cannot be read, never a content.
std::optional<Error> resolve_secrets(Value& value);

}  // namespace sparse::topology
