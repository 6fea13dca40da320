// Tests of new projects: names, and the copy of a template.
#include "sparse-cli/quickstart.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace sparse::cli {
namespace {

namespace fs = std::filesystem;

TEST(Quickstart, TakesNamesThatATopologyCanHave) {
  for (const char* name : {"wc", "Word_Count-2.0", "9", "_x"}) EXPECT_EQ(why_no_name(name), "") << name;
  for (const std::string name : {"", ".", "..", "-x", ".x", "a b", "a/b", "w\xc3\xb6rter", "a\n"})
    EXPECT_NE(why_no_name(name), "") << name;
  EXPECT_EQ(why_no_name(std::string(128, 'a')), "");
  EXPECT_NE(why_no_name(std::string(129, 'a')), "");
}

TEST(Quickstart, PutsTheNameInPlaceOfTheWordProject) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"name: PROJECT\n", "name: wc\n"},
                                                       {"PROJECT", "wc"},
                                                       {"${PROJECT_NAME} PROJECT", "${PROJECT_NAME} wc"},
                                                       {"MYPROJECT PROJECTS", "MYPROJECT PROJECTS"},
                                                       {"PROJECT PROJECT", "wc wc"}};
  for (const auto& [text, filled] : cases) EXPECT_EQ(filled_in(text, "wc"), filled);
}

TEST(Quickstart, CopiesATemplateOnceAndWithoutLeftovers) {
  const fs::path root = fs::path(testing::TempDir()) / ("quickstart_" + std::to_string(getpid()));
  for (const char* folder : {"template/src", "template/build", "template/__pycache__"}) fs::create_directories(root / folder);
  for (const char* file :
       {"template/a.yaml", "template/.gitignore", "template/src/b.py", "template/build/x.o", "template/__pycache__/b.pyc"})
    std::ofstream(root / file) << "name: PROJECT\n";
  const auto created = create_project(root / "template", root / "wc", "wc");
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_THAT(*created, testing::ElementsAre(".gitignore", "a.yaml", "src/b.py"));
  std::stringstream copied;
  copied << std::ifstream(root / "wc/src/b.py").rdbuf();
  EXPECT_EQ(copied.str(), "name: wc\n");

  const auto again = create_project(root / "template", root / "wc", "wc");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, testing::HasSubstr("exists already"));
  const auto nothing = create_project(root / "missing", root / "wc2", "wc2");
  ASSERT_FALSE(nothing);
  EXPECT_FALSE(fs::exists(root / "wc2"));
  fs::remove_all(root);
}

}  // namespace
}  // namespace sparse::cli
