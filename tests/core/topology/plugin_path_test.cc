// Tests of where plugins are looked for.
#include "core/topology/plugin_path.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sparse::topology {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

TEST(PluginFolders, AreThoseOfTheSearchPathThenThoseThatComeWithSparse) {
  EXPECT_THAT(plugin_folders("", "", "/t/wordcount"), ElementsAre());
  EXPECT_THAT(plugin_folders("/a:/b", "", "/t/wordcount"), ElementsAre("/a", "/b"));
  EXPECT_THAT(plugin_folders(":/a::", "/shipped", "/t/wordcount"), ElementsAre("/a", "/shipped/wordcount", "/shipped"));
}

TEST(FindPlugin, PrefersTheNamedFileThenTheFirstFolderThatHasOne) {
  const fs::path root = fs::path(testing::TempDir()) / ("plugin_path_" + std::to_string(getpid()));
  for (const char* folder : {"project", "a", "b"}) fs::create_directories(root / folder);
  const std::string named = root / "project/count.so";
  const std::vector<std::string> folders = {root / "missing", root / "a", root / "b"};
  EXPECT_EQ(find_plugin(named, folders), named);
  std::ofstream(root / "b/count.so") << "x";
  EXPECT_EQ(find_plugin(named, folders), (root / "b/count.so").string());
  std::ofstream(root / "a/count.so") << "x";
  EXPECT_EQ(find_plugin(named, folders), (root / "a/count.so").string());
  std::ofstream{named} << "x";
  EXPECT_EQ(find_plugin(named, folders), named);
  fs::remove_all(root);
}

}  // namespace
}  // namespace sparse::topology
