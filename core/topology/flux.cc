#include "core/topology/flux.h"

namespace sparse::topology {

bool is_flux(const yaml::Node& node) { return node.find("className") != nullptr; }

FluxReader::FluxReader(const Draft& draft, Findings& findings) : draft_(draft), findings_(findings) {}

std::optional<Component> FluxReader::read(const Definition&, bool) { return std::nullopt; }
void FluxReader::connect(std::vector<Component>&) {}
void FluxReader::finish() {
  (void)draft_;
  (void)findings_;
}

}  // namespace sparse::topology
