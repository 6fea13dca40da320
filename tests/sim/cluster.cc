#include "tests/sim/cluster.h"

#include <algorithm>

namespace sparse::sim {

Cluster::Cluster(Setting setting, std::uint64_t seed, worker::NetworkFaults faults)
    : setting_(setting),
      random_(seed),
      network_(setting.clock, random_.next(), faults),
      workers_(setting.work.placement.workers) {
  for (std::uint16_t i = 0; i < size(); ++i) start(i);
}

void Cluster::start(std::uint16_t index) {
  Member& member = workers_[index];
  ++member.life;
  setting_.invariants.trace.add(Trace::Kind::start, index, static_cast<std::uint64_t>(member.life));
  member.transport = network_.make(index);
  member.factory = std::make_unique<LifeFactory>(setting_, index, member.life, random_.next());
  worker::WorkerOptions options;
  options.clock = &setting_.clock;
  options.log = &log_;
  options.factory = member.factory.get();
  options.seed = random_.next();
  options.placement = setting_.work.placement;
  options.index = index;
  options.attempt = static_cast<std::uint32_t>(member.life);
  options.fusion = setting_.work.fusion;
  if (size() > 1) options.transport = member.transport.get();
  auto made = worker::Worker::create(setting_.work.topology, std::move(options));
  if (!made) return setting_.invariants.blame(made.error().message);
  member.worker = std::move(*made);
  member.restless = true;
  member.vain = 0;
  if (draining_) member.worker->drain();
}

void Cluster::kill(std::uint16_t index, bool told) {
  workers_[index].worker.reset();
  network_.leave(index);
  for (Member& other : workers_)
    if (other.worker && told) {
      other.worker->peer_lost(index);
      other.restless = true;
    }
}

void Cluster::drain() {
  draining_ = true;
  for (Member& member : workers_) {
    if (!member.worker) continue;
    member.worker->drain();
    member.restless = true;
  }
}

void Cluster::move(TaskId task, std::uint16_t loop) {
  workers_[0].worker->move_task(task, loop);
  workers_[0].restless = true;
}

bool Cluster::is_due(std::uint16_t index) const {
  const Nanoseconds now = setting_.clock.now();
  const auto arrival = network_.next_arrival(index), deadline = workers_[index].worker->next_deadline();
  return workers_[index].restless || (arrival && *arrival <= now) || (deadline && *deadline <= now);
}

bool Cluster::step() {
  bool any = false;
  for (std::uint16_t i = 0; i < size(); ++i) {
    Member& member = workers_[i];
    if (!member.worker || !is_due(i)) continue;
    member.restless = member.worker->step();
    any |= member.restless;
    if (const auto failure = member.worker->failure())
      setting_.invariants.blame("worker " + std::to_string(i) + " gave up: " + failure->message);
    const auto deadline = member.worker->next_deadline();
    const bool vain = !member.restless && deadline && *deadline <= setting_.clock.now();
    member.vain = vain ? member.vain + 1 : 0;
    if (member.vain > 100)
      setting_.invariants.blame("worker " + std::to_string(i) + " says that something is due, and does nothing: it would spin");
  }
  return any;
}

std::optional<Nanoseconds> Cluster::next_due() const {
  std::optional<Nanoseconds> at;
  const auto earlier = [&](std::optional<Nanoseconds> candidate) {
    if (candidate) at = at ? std::min(*at, *candidate) : candidate;
  };
  for (std::uint16_t i = 0; i < size(); ++i)
    if (workers_[i].worker) {
      earlier(network_.next_arrival(i));
      earlier(workers_[i].worker->next_deadline());
    }
  return at;
}

bool Cluster::done() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const Member& member) { return member.worker && member.worker->done(); });
}

std::string Cluster::unended() const {
  std::string text;
  for (const Member& member : workers_) {
    if (!member.worker) continue;
    if (!member.worker->done()) text += "; worker " + std::to_string(&member - &workers_[0]) + " is not done";
    for (const worker::TaskStats& task : member.worker->stats().tasks)
      if (!task.ended)
        text += "; task " + std::to_string(task.task) + " (" + setting_.work.topology.components[task.component].id +
                ") has not ended, " + std::to_string(task.queue) + " tuples wait, " + std::to_string(task.pending) +
                " trees are open";
  }
  return text;
}

std::vector<std::string> Cluster::leftovers() {
  std::vector<std::string> all;
  for (std::uint16_t i = 0; i < size(); ++i)
    for (const std::string& one : workers_[i].worker->leftovers()) all.push_back("worker " + std::to_string(i) + ", " + one);
  return all;
}

std::vector<worker::TaskStats> Cluster::stats() const {
  std::vector<worker::TaskStats> all;
  for (const Member& member : workers_) {
    const auto stats = member.worker->stats();
    all.insert(all.end(), stats.tasks.begin(), stats.tasks.end());
  }
  return all;
}

}  // namespace sparse::sim
