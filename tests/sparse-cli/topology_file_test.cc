// Tests of which topology file is meant.
#include "sparse-cli/topology_file.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sparse::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TopologyFile : public testing::Test {
 protected:
  TopologyFile() : folder_(fs::temp_directory_path() / ("topology_file_test." + std::to_string(::getpid()))) {
    fs::create_directories(folder_ / "topologies");
  }
  ~TopologyFile() override { fs::remove_all(folder_); }

  void write(const std::string& path, const std::string& text) { std::ofstream(folder_ / path) << text; }
  void topology(const std::string& path, const std::string& name) { write(path, "name: " + name + "\nspouts: []\n"); }
  /// Relative to the folder; or the error.
  std::string find(TopologyChoice choice) {
    choice.folder = folder_.string();
    const auto found = find_topology_file("run", choice);
    return found ? fs::path(*found).lexically_relative(folder_).string() : found.error().message;
  }

  fs::path folder_;
};

TEST_F(TopologyFile, ANameIsAFileOrAPathOrWhatAFileSaysOfItself) {
  topology("words.yaml", "counting  # of words");
  topology("other.yml", "\"twin\"");
  topology("topologies/deep.yaml", "'the deep one'");
  topology("topologies/later.yaml", "twin");
  write("bare.yaml", "spouts: []\n");
  const std::pair<const char*, const char*> cases[] = {{"words", "words.yaml"},
                                                       {"words.yaml", "words.yaml"},
                                                       {"topologies/deep.yaml", "topologies/deep.yaml"},
                                                       {"topologies/deep", "topologies/deep.yaml"},
                                                       {"deep", "topologies/deep.yaml"},
                                                       {"other", "other.yml"},
                                                       {"counting", "words.yaml"},
                                                       {"the deep one", "topologies/deep.yaml"},
                                                       {"twin", "other.yml"}};
  for (const auto& [pick, file] : cases) EXPECT_EQ(find({.pick = pick}), file) << pick;
  EXPECT_THAT(find({.pick = "cuonting"}), HasSubstr("did you mean \"counting\"?"));
  EXPECT_THAT(find({.pick = "nothing"}), HasSubstr("-n nothing: neither here nor in topologies/ is a nothing.yaml"));
  EXPECT_THAT(find({.file = "a.yaml", .pick = "b"}), HasSubstr("a.yaml and -n b are two ways"));
}

TEST_F(TopologyFile, TheOnlyOneNeedsNoName) {
  EXPECT_THAT(find({}), HasSubstr("there is no topology file"));
  topology("topologies/a.yaml", "a");
  EXPECT_EQ(find({}), "topologies/a.yaml");
  topology("b.yaml", "same");
  EXPECT_EQ(find({}), "b.yaml");
  topology("c.yaml", "same");
  EXPECT_THAT(find({}), HasSubstr("2 topology files are here ("));
  EXPECT_THAT(find({.pick = "same"}), HasSubstr("2 topology files have the name same ("));
}

}  // namespace
}  // namespace sparse::cli
