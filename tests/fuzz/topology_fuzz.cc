// Any bytes as a topology file: no crash, no hang, a topology exactly if there is no error. Includes read the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/topology/graph.h"
#include "core/topology/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  sparse::topology::LoadOptions options;
  options.variables = {{"name", "value"}, {"list", "[1, 2]"}};
  const auto read = [&](const std::string&) { return sparse::Result<std::string>(text); };
  const sparse::topology::LoadResult result = sparse::topology::load_from("/fuzz/topology.yaml", options, {}, read);
  const bool has_error = sparse::has_errors(result.diagnostics);
  if (result.topology.has_value() == has_error) std::abort();
  if (result.diagnostics.empty() != result.text().empty()) std::abort();
  if (sparse::render_json(result.diagnostics).empty()) std::abort();
  if (!result.topology) return 0;
  const std::string rendered = sparse::topology::to_json(*result.topology, false) +
                               sparse::topology::to_mermaid(*result.topology) + sparse::topology::to_dot(*result.topology);
  if (rendered.empty()) std::abort();
  return 0;
}
