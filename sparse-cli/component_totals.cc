#include "sparse-cli/component_totals.h"

#include <algorithm>

namespace sparse::cli {

Snapshot nothing_yet(const topology::Topology& topology, Nanoseconds at) {
  Snapshot snapshot{.at = at, .components = {}};
  for (const topology::Component& component : topology.components)
    snapshot.components.push_back({.id = component.id, .is_spout = component.is_spout, .tasks = component.parallelism});
  return snapshot;
}

std::string loops_text(const std::vector<std::uint16_t>& loops) {
  std::string text;
  for (std::size_t i = 0; i < loops.size();) {
    std::size_t last = i;
    while (last + 1 < loops.size() && loops[last + 1] == loops[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(loops[i]);
    if (last > i) text += (last > i + 1 ? "-" : ",") + std::to_string(loops[last]);
    i = last + 1;
  }
  return text;
}

namespace {

void merge(std::vector<worker::EdgeWaits>& waits, const worker::EdgeWaits& more) {
  auto place = std::lower_bound(waits.begin(), waits.end(), more.source,
                                [](const worker::EdgeWaits& one, std::uint32_t source) { return one.source < source; });
  if (place == waits.end() || place->source != more.source) place = waits.insert(place, {.source = more.source});
  place->transfer.merge(more.transfer);
  place->child.merge(more.child);
  place->queue.merge(more.queue);
}

}  // namespace

Snapshot totals_of(const topology::Topology& topology, const worker::WorkerStats& stats) {
  Snapshot snapshot = nothing_yet(topology, stats.at);
  for (const worker::TaskStats& task : stats.tasks) {
    if (task.task == 0 || task.component >= snapshot.components.size()) continue;
    ComponentTotals& totals = snapshot.components[task.component];
    totals.emitted += task.emitted;
    totals.transferred += task.transferred;
    totals.executed += task.executed;
    totals.acked += task.acked;
    totals.failed += task.failed;
    totals.timed_out += task.timed_out;
    totals.failed_for_good += task.failed_for_good;
    totals.pending += task.pending;
    totals.queue += task.queue;
    totals.crossed += task.crossed;
    totals.errors += task.errors;
    totals.busy += task.busy;
    totals.execute.merge(task.execute);
    totals.complete.merge(task.complete);
    totals.moves += task.moves;
    totals.load += task.load;
    for (const worker::EdgeWaits& waits : task.waits) merge(totals.waits, waits);
    const auto place = std::lower_bound(totals.loops.begin(), totals.loops.end(), task.loop);
    if (place == totals.loops.end() || *place != task.loop) totals.loops.insert(place, task.loop);
  }
  return snapshot;
}

std::vector<ComponentRates> rates_between(const Snapshot& before, const Snapshot& now) {
  std::vector<ComponentRates> rates(now.components.size());
  const double seconds = static_cast<double>(now.at - before.at) / static_cast<double>(kSecond);
  if (!(seconds > 0) || before.components.size() != now.components.size()) return rates;
  const auto per_second = [&](std::uint64_t earlier, std::uint64_t later) {
    return later > earlier ? static_cast<double>(later - earlier) / seconds : 0.0;
  };
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const ComponentTotals& then = before.components[i];
    const ComponentTotals& here = now.components[i];
    rates[i].emitted = per_second(then.emitted, here.emitted);
    rates[i].executed = per_second(then.executed, here.executed);
    rates[i].acked = per_second(then.acked, here.acked);
    const double busy = static_cast<double>(here.busy - then.busy) / static_cast<double>(kSecond);
    // The time is estimated from samples, so it may come out a little above what is possible.
    rates[i].capacity = std::clamp(busy / seconds / std::max(1u, here.tasks), 0.0, 1.0);
  }
  return rates;
}

}  // namespace sparse::cli
