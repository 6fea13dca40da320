// Where a plugin is looked for.
#pragma once

#include <string>
#include <vector>

namespace sparse::topology {

/// Where else, in this order: the folders of SPARSE_PLUGIN_PATH (separated by colons), then the plugins that come with sparse,
/// in their own folder by the name of the topology's folder and all together.
std::vector<std::string> plugin_folders(const std::string& search_path, const std::string& shipped_plugins,
                                        const std::string& topology_folder);

/// `file` if it exists; else the first file of that name in `folders`; else `file` again, for the message.
std::string find_plugin(const std::string& file, const std::vector<std::string>& folders);

/// Both, with the folders of this process. `file` is absolute: as the topology file names it, seen from its own folder.
std::string find_plugin(const std::string& file);

}  // namespace sparse::topology
