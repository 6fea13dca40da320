#include "sparse-cli/sdk.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "core/base/install_paths.h"
#include "sparse-cli/help_text.h"

namespace sparse::cli {
namespace {

std::string answer(SdkArguments::What what, const InstallPaths& paths) {
  switch (what) {
    case SdkArguments::What::prefix: return paths.prefix;
    case SdkArguments::What::include: return paths.include;
    case SdkArguments::What::python: return paths.python;
    case SdkArguments::What::version: break;
  }
  return version_number();
}

}  // namespace

int run_sdk(const SdkArguments& arguments) {
  const std::string text = answer(arguments.what, install_paths());
  if (text.empty()) {
    fmt::print(stderr, "sparse sdk: there is no SDK beside this program: sparse is not installed completely\n");
    return 1;
  }
  fmt::print("{}\n", text);
  return 0;
}

}  // namespace sparse::cli
