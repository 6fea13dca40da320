#include "core/topology/plugin_path.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/base/install_paths.h"

namespace sparse::topology {

namespace fs = std::filesystem;

std::vector<std::string> plugin_folders(const std::string& search_path, const std::string& shipped_plugins,
                                        const std::string& topology_folder) {
  std::vector<std::string> folders;
  for (std::size_t begin = 0; begin < search_path.size();) {
    const std::size_t end = std::min(search_path.find(':', begin), search_path.size());
    if (end > begin) folders.push_back(search_path.substr(begin, end - begin));
    begin = end + 1;
  }
  if (!shipped_plugins.empty()) {
    folders.push_back((fs::path(shipped_plugins) / fs::path(topology_folder).filename()).string());
    folders.push_back(shipped_plugins);
  }
  return folders;
}

std::string find_plugin(const std::string& file, const std::vector<std::string>& folders) {
  std::error_code ignored;
  if (fs::exists(file, ignored)) return file;
  for (const std::string& folder : folders) {
    const fs::path path = fs::absolute(fs::path(folder) / fs::path(file).filename(), ignored);
    if (fs::is_regular_file(path, ignored)) return path.string();
  }
  return file;
}

std::string find_plugin(const std::string& file) {
  const char* search_path = std::getenv("SPARSE_PLUGIN_PATH");
  return find_plugin(
      file, plugin_folders(search_path ? search_path : "", install_paths().plugins, fs::path(file).parent_path().string()));
}

}  // namespace sparse::topology
