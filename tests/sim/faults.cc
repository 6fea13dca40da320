#include "tests/sim/faults.h"

#include <algorithm>

namespace sparse::sim {

worker::NetworkFaults draw_network(Random& random) {
  if (random.chance(1, 5)) return {};
  const Nanoseconds longest = random.chance(1, 4) ? 300 : 20;
  return {.delay_max = static_cast<Nanoseconds>(random.below(static_cast<std::uint64_t>(longest))) * kMillisecond,
          .dropped_per_mille = static_cast<std::uint32_t>(random.below(80)),
          .doubled_per_mille = static_cast<std::uint32_t>(random.below(100))};
}

Faults::Faults(Random& random, const Workload& work, Nanoseconds start) {
  const std::uint16_t workers = work.placement.workers;
  const auto time = [&](std::uint64_t most_ms) { return static_cast<Nanoseconds>(random.below(most_ms * 1000)) * kMicrosecond; };
  // Without a death what is checked is stricter; a worker that is alone has its moves instead.
  const std::uint64_t kills = random.chance(workers == 1 ? 3 : 1, workers == 1 ? 4 : 3) ? 0 : 1 + random.below(3);
  for (std::uint64_t i = 0; i < kills; ++i) {
    const auto victim = static_cast<std::uint16_t>(random.below(workers));
    const Nanoseconds at = start + time(random.chance(1, 2) ? 60 : 4000);
    add({.at = at,
         .kind = Kind::kill,
         .worker = victim,
         .told = random.chance(1, 2),
         .lasts = time(random.chance(1, 2) ? 30 : 2500)});
  }
  if (workers > 1 && random.chance(1, 8)) {
    const auto one = static_cast<std::uint16_t>(random.below(workers));
    const auto other = static_cast<std::uint16_t>((one + 1 + random.below(workers - 1u)) % workers);
    add({.at = start + time(1000), .kind = Kind::cut, .worker = one, .other = other, .lasts = time(1500)});
  }
  // A worker that is alone may move its tasks, in bursts or one by one, to any loop.
  if (workers == 1 && random.chance(3, 4))
    for (std::uint64_t left = 1 + random.below(60); left > 0; --left)
      add({.at = start + time(random.chance(2, 3)   ? 2
                              : random.chance(1, 2) ? 60
                                                    : 3000),  // the most is going on at the start
           .kind = Kind::move,
           .task = static_cast<TaskId>(1 + random.below(work.placement.homes.size() - 1)),
           .loop = static_cast<std::uint16_t>(random.below(work.placement.loops))});
  if (work.drains) add({.at = start + time(random.chance(1, 2) ? 50 : 3000), .kind = Kind::drain});
}

void Faults::add(Event event) {
  const auto place = std::upper_bound(events_.begin(), events_.end(), event,
                                      [](const Event& left, const Event& right) { return left.at < right.at; });
  events_.insert(place, event);
}

std::optional<Nanoseconds> Faults::next() const { return events_.empty() ? std::nullopt : std::optional(events_.front().at); }

void Faults::apply(Cluster& cluster, Invariants& invariants, Nanoseconds now) {
  while (!events_.empty() && events_.front().at <= now) {
    const Event event = events_.front();
    events_.erase(events_.begin());
    switch (event.kind) {
      case Kind::kill:
        if (!cluster.is_alive(event.worker)) break;  // it is dead already
        invariants.killed(event.worker, event.told);
        cluster.kill(event.worker, event.told);
        add({.at = now + event.lasts, .kind = Kind::revive, .worker = event.worker});
        break;
      case Kind::revive:
        invariants.revived(event.worker);
        cluster.start(event.worker);
        break;
      case Kind::cut:
        invariants.network_cut(now + event.lasts);
        cluster.cut(event.worker, event.other, true);
        add({.at = now + event.lasts, .kind = Kind::heal, .worker = event.worker, .other = event.other});
        break;
      case Kind::heal: cluster.cut(event.worker, event.other, false); break;
      case Kind::drain: cluster.drain(); break;
      case Kind::move:
        if (!cluster.is_alive(0)) break;
        invariants.moved(event.task, event.loop);
        cluster.move(event.task, event.loop);
        break;
    }
  }
}

}  // namespace sparse::sim
