// The built-in spouts and bolts: their options and outputs, in one table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/topology/keys.h"

namespace sparse::topology {

struct Builtin {
  std::string_view name;
  bool is_spout = false;
  bool own_key = true;  ///< may be written in a topology file under its own key
  std::string_view help = {};
  std::vector<Key> options = {};
  std::vector<std::string_view> fields = {};  ///< of its default stream; empty: it emits nothing
};

const std::vector<Builtin>& builtins();
/// Null if there is none of this name and kind. `file` is both a spout and a bolt.
const Builtin* find_builtin(std::string_view name, bool is_spout);

/// The default stream of a built-in with these options; without fields, it has none.
std::vector<std::string> builtin_fields(const Builtin& builtin, const Value& options);

}  // namespace sparse::topology
