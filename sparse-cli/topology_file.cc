#include "sparse-cli/topology_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

namespace sparse::cli {
namespace {

namespace fs = std::filesystem;

/// Whether it looks like a topology: any YAML may lie beside one.
bool has_components(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  for (int lines = 0; lines < 10'000 && std::getline(in, line); ++lines)
    if (line.starts_with("spouts:") || line.starts_with("bolts:") || line.starts_with("{")) return true;
  return false;
}

std::vector<fs::path> topologies_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string ending = entry->path().extension().string();
    std::error_code ignored;
    if ((ending == ".yaml" || ending == ".yml") && entry->is_regular_file(ignored) && has_components(entry->path()))
      found.push_back(entry->path().lexically_normal());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Error several(const std::vector<fs::path>& found) {
  std::string names;
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 10); ++i) names += (i ? ", " : "") + found[i].string();
  return {fmt::format("there are {} topology files here ({}): say which one, as in \"sparse run {}\"", found.size(), names,
                      found.front().string())};
}

}  // namespace

Result<std::string> find_topology_file(const std::string& file, const std::string& pick, const std::string& folder) {
  if (!file.empty()) return file;
  const fs::path here = folder.empty() ? fs::path() : fs::path(folder);
  for (const fs::path& place : {here, here / "topologies"}) {
    if (!pick.empty()) {
      for (const char* ending : {".yaml", ".yml"}) {
        std::error_code ignored;
        const fs::path path = place / (pick + ending);
        if (fs::is_regular_file(path, ignored)) return path.string();
      }
      continue;
    }
    const std::vector<fs::path> found = topologies_in(place.empty() ? fs::path(".") : place);
    if (found.size() > 1) return several(found);
    if (!found.empty()) return found.front().string();
  }
  if (!pick.empty()) return Error{fmt::format("there is no {0}.yaml here, nor in topologies/", pick)};
  return Error{
      "there is no topology file (*.yaml with spouts) here, nor in topologies/: name one, or start with \"sparse quickstart "
      "NAME\""};
}

}  // namespace sparse::cli
