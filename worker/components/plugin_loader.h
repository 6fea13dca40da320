// Opens plugins: shared objects with one C symbol, whose ABI stamp is checked before any C++ of theirs is called.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <sparse/sdk.h>

#include "core/base/result.h"

namespace sparse::worker {

/// What a plugin has registered.
struct Plugin {
  struct Class {
    ComponentSpec spec;
    std::function<std::unique_ptr<Bolt>()> make_bolt = {};
    std::function<std::unique_ptr<Spout>()> make_spout = {};  ///< exactly one of the two
  };
  std::string file;
  std::map<std::string, Class, std::less<>> classes;
  std::map<std::string, std::function<std::unique_ptr<Grouping>()>, std::less<>> groupings;
};

/// Plugins stay loaded until the process ends: their code may be on any stack. Thread-compatible.
class PluginLoader {
 public:
  /// `file` is an absolute path. Errors are one readable sentence each.
  Result<const Plugin*> load(const std::string& file);

 private:
  std::map<std::string, std::unique_ptr<Plugin>> loaded_;
};

/// A class of a plugin by its name. Its error names the nearest one, or all.
Result<const Plugin::Class*> find_class(const Plugin& plugin, std::string_view name, bool spout);

}  // namespace sparse::worker
