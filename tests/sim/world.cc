#include "tests/sim/world.h"

#include "tests/sim/cluster.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"

namespace sparse::sim {
namespace {

constexpr Nanoseconds kLongest = 600 * kSecond;
constexpr std::uint64_t kRoundsMost = 2'000'000;
constexpr Nanoseconds kRests = 5 * kSecond;  ///< after the last task has ended, until all is back where it belongs

class World {
 public:
  explicit World(std::uint64_t seed)
      : random_(seed),
        work_(draw_workload(random_)),
        invariants_(work_, clock_),
        sources_(draw_sources()),
        faults_(random_, work_, clock_.now()),
        cluster_({work_, clock_, invariants_, sources_}, random_.next(), draw_network(random_)) {}

  Outcome run() {
    const Nanoseconds start = clock_.now();
    std::optional<Nanoseconds> ended;
    for (std::uint64_t rounds = 0; invariants_.problem().empty(); ++rounds) {
      faults_.apply(cluster_, invariants_, clock_.now());
      if (rounds > kRoundsMost) invariants_.blame("it goes round without end");
      const bool any = cluster_.step();
      if (!faults_.over() || !cluster_.done())
        ended.reset();
      else if (!ended)
        ended = clock_.now();
      if (any) {
        clock_.advance(static_cast<Nanoseconds>(1 + random_.below(40)) * kMicrosecond);
        continue;
      }
      if (ended && (is_at_rest() || clock_.now() - *ended > kRests)) break;
      if (clock_.now() - start > kLongest) invariants_.blame("it hangs: " + progress() + " after 600 s");
      pass_time();
    }
    if (invariants_.problem().empty()) check_end();
    invariants_.trace.add(Trace::Kind::step, static_cast<std::uint64_t>(clock_.now()), cluster_.dropped());
    return {invariants_.problem().empty(), invariants_.problem(), summary(), work_.describe(), invariants_.trace.hash()};
  }

 private:
  Sources draw_sources() {
    Sources sources;
    TaskId task = 1;
    for (std::size_t i = 0; i < work_.spouts.size(); ++i)
      for (std::uint32_t k = 0; k < work_.topology.components[i].parallelism; ++k)
        sources[task++].lines.resize(work_.spouts[i].lines);
    return sources;
  }

  bool is_at_rest() {
    leftovers_ = cluster_.leftovers();
    return leftovers_.empty();
  }

  void pass_time() {
    std::optional<Nanoseconds> next = cluster_.next_due();
    if (const auto fault = faults_.next()) next = next ? std::min(*next, *fault) : fault;
    if (!next && faults_.over() && cluster_.done()) next = clock_.now() + kSecond;
    if (!next) return invariants_.blame("it hangs: nothing is due any more, with " + progress());
    clock_.set(std::max(*next, clock_.now() + kMicrosecond));
  }

  void check_end() {
    invariants_.check_end(acked_lines(), lines());
    if (!leftovers_.empty()) {
      std::string all;
      for (const std::string& one : leftovers_) all += (all.empty() ? "" : "; ") + one;
      invariants_.blame("at the end there is still: " + all);
    }
    invariants_.check_stats(cluster_.stats());
  }

  std::size_t acked_lines() const {
    std::size_t count = 0;
    for (const auto& [task, source] : sources_) count += source.acked;
    return count;
  }
  std::size_t lines() const {
    std::size_t count = 0;
    for (const auto& [task, source] : sources_) count += source.lines.size();
    return count;
  }
  std::string progress() const {
    return std::to_string(acked_lines()) + " of " + std::to_string(lines()) + " lines acked" + cluster_.unended();
  }

  std::string summary() const {
    return std::to_string(invariants_.acks()) + " acked, " + std::to_string(invariants_.failures()) + " failed, " +
           std::to_string(invariants_.tuples()) + " tuples, " + std::to_string(cluster_.dropped()) + " frames dropped, " +
           std::to_string((clock_.now() - kSecond) / kMillisecond) + " ms";
  }

  ManualClock clock_;
  Random random_;
  const Workload work_;
  Invariants invariants_;
  Sources sources_;
  Faults faults_;
  Cluster cluster_;
  std::vector<std::string> leftovers_;
};

}  // namespace

Outcome run_world(std::uint64_t seed) {
  World world(seed);
  return world.run();
}

}  // namespace sparse::sim
