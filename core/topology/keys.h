// The keys of topology files: one table, from which both the checks and the JSON Schema come.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/topology/findings.h"

namespace sparse::topology {

/// What YAML a key takes.
enum class Shape {
  any,
  text,  ///< a scalar, as it is written
  path,  ///< text; relative to the file's folder
  boolean,
  integer,  ///< within the key's limits
  number,
  count_or_forever,  ///< an integer, or the word `forever`
  delay,             ///< `100ms..10s`
  text_list,
  text_or_list,  ///< one text, or a list
  text_map,
  command,  ///< a list of arguments, or one text that is split as a shell would
  map,
  config,  ///< a map with Storm's keys
  list,
  spouts,
  bolts,
  includes,
  inputs,
  outputs,
  grouping,
  grouping_custom,
  retry,
  builtin,  ///< a map with the options of a built-in, or nothing
  flux_objects,
  flux_streams,
  flux_grouping,
  flux_object,
};

struct Key {
  std::string_view name;
  Shape shape = Shape::any;
  std::string_view help = {};  ///< one line, for the schema
  bool required = false;
  std::int64_t least = 0;  ///< of integers
  std::int64_t most = 0;   ///< 0: no limit
  /// Belongs elsewhere, which a better message than "unknown" says: no suggestion, and not in the schema.
  std::string_view misplaced = {};
  /// Of a map: the keys whose values are paths, relative to the file's folder.
  std::span<const std::string_view> paths = {};
};

/// The maps that topology files consist of.
enum class Form {
  topology,
  spout,
  bolt,
  include,
  output,           ///< one stream of `outputs`
  grouping,         ///< `{fields: […]}` and its kind
  grouping_custom,  ///< the value of `custom:`
  retry,
  flux_spout,
  flux_bolt,
  flux_stream,
  flux_grouping,
  flux_object,  ///< `components`, `customClass`, worker hooks
};

/// The keys of a form. Built-ins are among those of spout and bolt.
const std::vector<Key>& keys_of(Form form);

/// Checks a map against a form: unknown keys (those that begin with `x-` are the user's own), missing keys, values of another
/// shape. `subject` names the map in messages, as in `bolt "count"`. Returns the pairs in which nothing is wrong, without the
/// user's own; they live as long as the map.
std::vector<const yaml::Node::Pair*> check_map(const yaml::Node& map, std::span<const Key> keys, std::string_view subject,
                                               const Document& document, Findings& findings);

/// Whether a value has the shape; if not, reports it.
bool check_shape(const yaml::Node& value, const Key& key, std::string_view subject, const Document& document, Findings& findings);

/// The text of a scalar as it is written; reports what is no scalar, and what readers of YAML disagree on.
bool read_text(const yaml::Node& node, std::string_view what, const Document& document, Findings& findings, std::string& text);
/// A list of such.
bool read_text_list(const yaml::Node& node, std::string_view what, const Document& document, Findings& findings,
                    std::vector<std::string>& texts);

/// Without misplaced ones.
std::vector<std::string> names_of(std::span<const Key> keys);

}  // namespace sparse::topology
