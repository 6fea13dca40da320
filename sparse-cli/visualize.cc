#include "sparse-cli/visualize.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/base/nearest.h"
#include "core/topology/graph.h"
#include "sparse-cli/load_arguments.h"
#include "sparse-cli/topology_file.h"

namespace sparse::cli {
namespace {

int usage(const std::string& message) {
  std::fprintf(stderr, "sparse visualize: %s\n", message.c_str());
  return 2;
}

Result<std::string> rendered(const topology::Topology& topology, const std::string& format) {
  if (format == "mermaid") return topology::to_mermaid(topology);
  if (format == "dot") return topology::to_dot(topology);
  if (format == "json") return topology::to_json(topology, true) + "\n";
  const std::string meant = nearest(format, {"mermaid", "dot", "json"});
  return Error{fmt::format("--format is mermaid, dot or json, found \"{}\"{}", format,
                           meant.empty() ? "" : fmt::format("; did you mean {}?", meant))};
}

int write(const std::string& text, const std::string& path) {
  if (path.empty()) {
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  std::FILE* file = std::fopen(path.c_str(), "w");
  bool written = file != nullptr && std::fputs(text.c_str(), file) >= 0;
  if (file) written = std::fclose(file) == 0 && written;
  if (written) return 0;
  std::fprintf(stderr, "sparse visualize: cannot write %s: %s\n", path.c_str(), std::strerror(errno));
  return 1;
}

}  // namespace

int run_visualize(const VisualizeArguments& arguments, const topology::Describe& describe) {
  const auto options = load_options_of({}, arguments.variables, arguments.filters, arguments.env_filter);
  if (!options) return usage(options.error().message);
  if (const auto known = rendered({}, arguments.format); !known) return usage(known.error().message);
  const Result<std::string> file = find_topology_file("visualize", {.file = arguments.file});
  if (!file) return usage(file.error().message);
  const topology::LoadResult result = topology::load(*file, *options, describe);
  std::fputs(result.text().c_str(), stderr);
  if (!result.topology) return 1;
  return write(*rendered(*result.topology, arguments.format), arguments.output);
}

}  // namespace sparse::cli
