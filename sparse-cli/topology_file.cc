#include "sparse-cli/topology_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "core/base/nearest.h"

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

/// The plain text behind `name:`; empty if there is none, or it is substituted.
std::string name_in(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  for (int lines = 0; lines < 10'000 && std::getline(in, line); ++lines) {
    if (!line.starts_with("name:")) continue;
    std::string name = line.substr(5);
    name.resize(std::min(name.size(), name.find(" #")));
    const std::size_t first = name.find_first_not_of(" \t"), last = name.find_last_not_of(" \t\r");
    if (first == std::string::npos) return {};
    name = name.substr(first, last - first + 1);
    const bool quoted = name.size() >= 2 && (name[0] == '"' || name[0] == '\'') && name.back() == name[0];
    return quoted ? name.substr(1, name.size() - 2) : name;
  }
  return {};
}

Error several(const std::string& verb, std::string_view what, const std::vector<fs::path>& found) {
  std::string names;
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 10); ++i) names += (i ? ", " : "") + found[i].string();
  return {
      fmt::format("{} {} ({}): say which one, as in \"sparse {} {}\"", found.size(), what, names, verb, found.front().string())};
}

Error no_such_name(const std::string& pick, const std::vector<std::string>& known) {
  const std::string meant = nearest(pick, known);
  return {fmt::format("-n {}: neither here nor in topologies/ is a {}.yaml, or a topology of that name{}", pick, pick,
                      meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant))};
}

Result<std::string> find_by_name(const std::string& verb, const std::string& pick, const std::vector<fs::path>& places) {
  std::error_code ignored;
  for (const fs::path& place : places)
    for (const char* ending : {".yaml", ".yml", ""})
      if (const fs::path path = place / (pick + ending); fs::is_regular_file(path, ignored)) return path.string();
  std::vector<std::string> known;
  for (const fs::path& place : places) {
    std::vector<fs::path> found;
    for (const fs::path& path : topologies_in(place.empty() ? fs::path(".") : place)) {
      known.insert(known.end(), {path.stem().string(), name_in(path)});
      if (known.back() == pick) found.push_back(path);
    }
    if (found.size() > 1) return several(verb, fmt::format("topology files have the name {}", pick), found);
    if (!found.empty()) return found.front().string();
  }
  std::erase(known, "");
  return no_such_name(pick, known);
}

}  // namespace

Result<std::string> find_topology_file(const std::string& verb, const TopologyChoice& choice) {
  if (!choice.file.empty() && !choice.pick.empty())
    return Error{fmt::format("{} and -n {} are two ways to name the topology: leave one out", choice.file, choice.pick)};
  if (!choice.file.empty()) return choice.file;
  const fs::path here(choice.folder);
  const std::vector<fs::path> places = {here, here / "topologies"};
  if (!choice.pick.empty()) return find_by_name(verb, choice.pick, places);
  for (const fs::path& place : places) {
    const std::vector<fs::path> found = topologies_in(place.empty() ? fs::path(".") : place);
    if (found.size() > 1) return several(verb, "topology files are here", found);
    if (!found.empty()) return found.front().string();
  }
  return Error{
      "there is no topology file (*.yaml with spouts) here, nor in topologies/: name one, or start with \"sparse quickstart "
      "NAME\""};
}

}  // namespace sparse::cli
