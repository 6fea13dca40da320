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
  std::string pick = {};                  ///< `-n`: the name of the topology or of its file
  std::string name = {};                  ///< replaces the topology's name
  std::optional<double> seconds = {};     ///< absent or 0: until it ends by itself
  std::vector<std::string> options = {};  ///< `key=value`
  std::optional<std::uint32_t> ackers = {};
  std::optional<std::uint32_t> workers = {};
  std::optional<std::uint16_t> loops = {};
  std::vector<std::string> filters = {};    ///< files of properties
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

struct ValidateArguments {
  std::vector<std::string> files = {};      ///< none: the only topology here
  bool json = false;                        ///< one JSON object a line and file, with the resolved graph
  std::vector<std::string> options = {};    ///< `-o key=value`
  std::vector<std::string> filters = {};    ///< `--filter FILE`, may be given again
  std::vector<std::string> variables = {};  ///< `--var key=value`
  bool env_filter = false;
};

struct VisualizeArguments {
  std::string file = {};           ///< empty: the only topology here
  std::string format = "mermaid";  ///< mermaid, dot or json
  std::string output = {};         ///< `-o FILE`; empty: standard output
  std::vector<std::string> filters = {};
  std::vector<std::string> variables = {};
  bool env_filter = false;
};

/// `sparse schema` has no options.
struct SchemaArguments {};

}  // namespace sparse::cli
