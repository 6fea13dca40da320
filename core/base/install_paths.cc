#include "core/base/install_paths.h"

#include <filesystem>

namespace sparse {
namespace {

constexpr int kHighest = 4;  // test programs lie deep in the build tree

}  // namespace

InstallPaths find_install_paths(const std::string& program) {
  namespace fs = std::filesystem;
  fs::path folder = fs::path(program).parent_path();
  for (int level = 0; level <= kHighest && !folder.empty(); ++level, folder = folder.parent_path()) {
    const fs::path share = folder / "share" / "sparse";
    std::error_code ignored;
    if (!fs::is_directory(share / "topologies", ignored)) continue;
    // A build tree has its plugins where CMake builds them.
    const fs::path built = folder / "topologies";
    return {.prefix = folder.string(),
            .include = (folder / "include").string(),
            .python = (share / "python").string(),
            .templates = (share / "topologies").string(),
            .plugins = (fs::is_directory(built, ignored) ? built : folder / "lib" / "sparse").string()};
  }
  return {};
}

InstallPaths install_paths() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? InstallPaths() : find_install_paths(program.string());
}

}  // namespace sparse
