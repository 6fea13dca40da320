// The topology compiled for the data plane: numbers in place of names. A value, shared read-only by all loops of a worker.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/topology/topology.h"
#include "worker/worker.h"

namespace sparse::worker {

inline constexpr std::string_view kDeadLetterStream = "__dead_letter";

/// One subscription, seen from the emitting stream.
struct PlanEdge {
  std::uint32_t subscriber = 0;  ///< component
  topology::GroupingSpec grouping;
  std::vector<std::uint16_t> positions;  ///< of the grouping's fields in the stream
  bool closes_cycle = false;  ///< without these edges the graph has no cycle; they exert no back-pressure and carry no `end`
};

struct PlanStream {
  std::string name;
  std::vector<std::string> fields;
  bool direct = false;
  std::vector<PlanEdge> edges;
};

struct PlanComponent {
  TaskId first = 0;
  std::uint32_t tasks = 1;
  std::vector<PlanStream> streams;      ///< by stream number
  std::vector<std::uint32_t> upstream;  ///< components whose `end` its tasks wait for
  std::int64_t tick_ms = 0;             ///< 0: no ticks
};

struct Plan {
  topology::Topology topology;
  Placement placement;
  std::vector<PlanComponent> components;    ///< as Topology::components
  std::vector<std::uint32_t> component_of;  ///< by task; [0] is unused
  std::vector<std::uint32_t> loop_of;       ///< by task; loops are numbered through all workers

  bool acking = true;
  Nanoseconds timeout = 30 * kSecond;  ///< 0: none

  TaskId task_count() const { return static_cast<TaskId>(component_of.size() - 1); }
  std::uint32_t loop_total() const { return std::uint32_t{placement.workers} * placement.loops; }
  std::uint16_t worker_of(TaskId task) const { return placement.homes[task].worker; }
};

/// Pure. The topology has been resolved and validated.
Plan make_plan(const topology::Topology& topology, const Placement& placement);

}  // namespace sparse::worker
