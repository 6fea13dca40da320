// Topology files from bytes to resolved graphs, and to errors as users see them. Each file of `data` has its expected outcome
// beside it.
#include "core/topology/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/topology/graph.h"

namespace sparse::topology {
namespace {

const std::string kData = SPARSE_TEST_DATA;

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Paths of this machine as `$DATA`.
std::string portable(std::string text) {
  for (std::size_t at = text.find(kData); at != std::string::npos; at = text.find(kData, at))
    text.replace(at, kData.size(), "$DATA");
  return text;
}

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kData + "/" + folder))
    if (entry.path().extension() == ".yaml" || entry.path().extension() == ".flux")
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

LoadOptions options_beside(const std::string& file) {
  LoadOptions options;
  const std::string filter = std::filesystem::path(file).replace_extension(".properties").string();
  if (std::filesystem::exists(filter)) options.filter_files.push_back(filter);
  options.env_filter = true;
  return options;
}

std::string outcome(const std::string& file) {
  const LoadResult result = load(file, options_beside(file), {});
  return portable(result.text() + (result.topology ? to_json(*result.topology, true) + "\n" : ""));
}

class TopologyFile : public testing::TestWithParam<std::string> {};

TEST_P(TopologyFile, HasTheOutcomeBesideIt) {
  const std::string file = kData + "/" + GetParam();
  EXPECT_EQ(outcome(file), contents(std::filesystem::path(file).replace_extension(".expected"))) << GetParam();
}

std::vector<std::string> all_files() {
  std::vector<std::string> all;
  for (const char* folder : {"good", "bad", "flux"})
    for (const std::string& name : files_of(folder)) all.push_back(std::string(folder) + "/" + name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Data, TopologyFile, testing::ValuesIn(all_files()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace
}  // namespace sparse::topology
