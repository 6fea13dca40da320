#include "sparse-cli/validate.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/base/counted.h"
#include "core/topology/graph.h"
#include "sparse-cli/load_arguments.h"
#include "sparse-cli/topology_file.h"

namespace sparse::cli {
namespace {

std::string praise(const std::string& file, const topology::Topology& topology) {
  std::size_t spouts = 0;
  std::size_t tasks = 0;
  for (const topology::Component& component : topology.components) {
    spouts += component.is_spout ? 1 : 0;
    tasks += component.parallelism;
  }
  return fmt::format("{}: {}, {}, {}\n", file, counted(spouts, "spout"), counted(topology.components.size() - spouts, "bolt"),
                     counted(tasks, "task"));
}

std::string json_line(const std::string& file, const topology::LoadResult& result) {
  const std::string name = nlohmann::json(file).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return fmt::format("{{\"file\":{},\"valid\":{},\"topology\":{},\"diagnostics\":{}}}\n", name, result.topology.has_value(),
                     result.topology ? topology::to_json(*result.topology, false) : "null", render_json(result.diagnostics));
}

bool validate_file(const std::string& file, const topology::LoadOptions& options, bool json, const topology::Describe& describe) {
  const topology::LoadResult result = topology::load(file, options, describe);
  if (json) {
    std::fputs(json_line(file, result).c_str(), stdout);
  } else {
    std::fputs(result.text().c_str(), stderr);
    if (result.topology) std::fputs(praise(file, *result.topology).c_str(), stdout);
  }
  return result.topology.has_value();
}

}  // namespace

int run_validate(const ValidateArguments& arguments, const topology::Describe& describe) {
  auto options = load_options_of(arguments.options, arguments.variables, arguments.filters, arguments.env_filter);
  if (!options) {
    std::fprintf(stderr, "sparse validate: %s\n", options.error().message.c_str());
    return 2;
  }
  options->missing_secrets = Severity::warning;  // a file is as good without them, where it does not run
  std::vector<std::string> files = arguments.files;
  if (files.empty()) {
    const Result<std::string> found = find_topology_file("validate", {});
    if (!found) {
      std::fprintf(stderr, "sparse validate: %s\n", found.error().message.c_str());
      return 2;
    }
    files.push_back(*found);
  }
  bool valid = true;
  for (const std::string& file : files) valid = validate_file(file, *options, arguments.json, describe) && valid;
  return valid ? 0 : 1;
}

}  // namespace sparse::cli
