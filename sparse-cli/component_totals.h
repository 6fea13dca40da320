// Statistics of tasks, added up by component: what tables and summaries show.
#pragma once

#include <string>
#include <vector>

#include "core/topology/topology.h"
#include "worker/worker.h"

namespace sparse::cli {

struct ComponentTotals {
  std::string id;
  bool is_spout = false;
  std::uint32_t tasks = 0;
  std::uint64_t emitted = 0, transferred = 0, executed = 0, acked = 0, failed = 0, timed_out = 0, failed_for_good = 0;
  std::uint64_t pending = 0, queue = 0, crossed = 0, errors = 0;
  Nanoseconds busy = 0;
  Histogram execute = {}, complete = {};
  std::vector<std::uint16_t> loops = {};      ///< where its tasks live, ascending
  std::uint64_t moves = 0;                    ///< of its tasks, from loop to loop
  std::vector<worker::EdgeWaits> waits = {};  ///< in the order of the sources
  double load = 0;                            ///< its own work as loop_plan measured it last, in cores
};

/// `0`, `0,2` or `0-7`; empty if there are none.
std::string loops_text(const std::vector<std::uint16_t>& loops);

struct Snapshot {
  Nanoseconds at = 0;
  std::vector<ComponentTotals> components;  ///< in the order of the topology
};

Snapshot totals_of(const topology::Topology& topology, const worker::WorkerStats& stats);

/// How fast a component goes between two snapshots.
struct ComponentRates {
  double emitted = 0, executed = 0, acked = 0;  ///< per second
  double capacity = 0;                          ///< part of the time in which its tasks were busy, 0 … 1
};

/// By component; all zero if no time has passed, or the snapshots are not of one topology.
std::vector<ComponentRates> rates_between(const Snapshot& before, const Snapshot& now);

/// The snapshot of a moment at which nothing had happened yet.
Snapshot nothing_yet(const topology::Topology& topology, Nanoseconds at);

}  // namespace sparse::cli
