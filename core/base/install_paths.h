// Where the parts of sparse lie: found from the running program, in an installation and in a build tree alike.
#pragma once

#include <string>

namespace sparse {

/// All absolute. In a build tree CMake links the parts to the places that they have after an installation.
struct InstallPaths {
  std::string prefix;     ///< for CMAKE_PREFIX_PATH
  std::string include;    ///< holds sparse/sdk.h
  std::string python;     ///< holds the package sparse_stream
  std::string templates;  ///< holds the example projects: wordcount, quickstart_python, quickstart_cpp
  std::string plugins;    ///< holds folders of plugins, named after the example they belong to
};

/// The nearest folder above `program` that has the parts; all empty if there is none.
InstallPaths find_install_paths(const std::string& program);

/// From the running program.
InstallPaths install_paths();

}  // namespace sparse
