// The spouts and bolts of a world: they do what their plans say, and tell the accounts of it.
#pragma once

#include <memory>

#include "tests/sim/invariants.h"
#include "tests/sim/sources.h"
#include "tests/sim/workload.h"
#include "worker/components/component.h"

namespace sparse::sim {

/// What the components of all workers share.
struct Setting {
  const Workload& work;
  ManualClock& clock;
  Invariants& invariants;
  Sources& sources;
};

/// Makes the components of one life of one worker.
class LifeFactory final : public worker::ComponentFactory {
 public:
  LifeFactory(Setting setting, std::uint16_t worker, int life, std::uint64_t seed)
      : setting_(setting), worker_(worker), life_(life), random_(seed) {}
  Result<ComponentSpec> describe(const topology::Component&) override { return ComponentSpec{}; }
  Result<worker::MadeComponent> make(const topology::Topology&, const topology::Component& component) override;
  Result<std::unique_ptr<Grouping>> make_grouping(const topology::Implementation&) override { return Error{"there is none"}; }

 private:
  Setting setting_;
  std::uint16_t worker_;
  int life_;
  Random random_;
};

}  // namespace sparse::sim
