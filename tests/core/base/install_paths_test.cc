// Tests of finding the parts of sparse.
#include "core/base/install_paths.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

namespace sparse {
namespace {

namespace fs = std::filesystem;

class InstallPathsTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root_ / "share/sparse/topologies"); }
  void TearDown() override { fs::remove_all(root_); }

  fs::path root_ =
      fs::path(testing::TempDir()) /
      ("install_paths_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + std::to_string(getpid()));
};

TEST_F(InstallPathsTest, AreBesideTheFolderOfAnInstalledProgram) {
  const InstallPaths paths = find_install_paths((root_ / "bin/sparse").string());
  EXPECT_EQ(paths.prefix, root_.string());
  EXPECT_EQ(paths.include, (root_ / "include").string());
  EXPECT_EQ(paths.python, (root_ / "share/sparse/python").string());
  EXPECT_EQ(paths.templates, (root_ / "share/sparse/topologies").string());
  EXPECT_EQ(paths.plugins, (root_ / "lib/sparse").string());
}

TEST_F(InstallPathsTest, AreAboveAProgramOfABuildTree) {
  fs::create_directories(root_ / "topologies");
  for (const char* program : {"sparse", "tests/core/base_test", "tests/worker/components/x_test"}) {
    const InstallPaths paths = find_install_paths((root_ / program).string());
    EXPECT_EQ(paths.prefix, root_.string()) << program;
    EXPECT_EQ(paths.plugins, (root_ / "topologies").string()) << program;
  }
}

TEST_F(InstallPathsTest, AreEmptyWhereThePartsAreMissing) {
  fs::remove_all(root_ / "share");
  EXPECT_EQ(find_install_paths((root_ / "a/b/c/sparse").string()).prefix, "");
  EXPECT_EQ(find_install_paths("sparse").prefix, "");
}

}  // namespace
}  // namespace sparse
