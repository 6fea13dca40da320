// What the command line says, by verb: the outcome of parsing, free of the library that parses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sparse::cli {

struct RunArguments {
  std::string file = {};                  ///< empty: the only topology here
  std::string pick = {};                  ///< `-n`: the topology file's name without its ending
  std::string name = {};                  ///< replaces the topology's name
  std::optional<double> seconds = {};     ///< absent or 0: until it ends by itself
  std::vector<std::string> options = {};  ///< `key=value`
  std::optional<std::uint32_t> ackers = {};
  std::optional<std::uint32_t> workers = {};
  std::optional<std::uint16_t> loops = {};
  std::string filter = {};                  ///< a file of properties
  std::vector<std::string> variables = {};  ///< `key=value`
  bool env_filter = false;
  bool debug = false;
  bool json = false;
  bool watch = false;
};

struct QuickstartArguments {
  std::string name;
  std::string language = "python";
};

struct SdkArguments {
  enum class What { prefix, include, python, version };
  What what = What::prefix;
};

struct CompletionArguments {
  std::string shell;
};

}  // namespace sparse::cli
