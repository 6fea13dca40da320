// The oracle: every emitted line gets exactly one verdict (or its spout dies); an acked line has had all its words counted; every
// line is acked in the end; nothing hangs.
#include "tests/sim/word_count_world.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "core/base/random.h"
#include "tests/support/topology_builder.h"
#include "worker/transport/loopback.h"

namespace sparse::sim {
namespace {

using B = test::TopologyBuilder;
constexpr std::uint16_t kWorkers = 3;

/// What outlives the workers: the lines to read, as a log that can be read again, and what was seen.
struct Outside {
  struct Emission {
    std::size_t line;
    int life;  ///< of the spout task that emitted it
    int verdicts = 0;
  };
  std::vector<std::vector<std::string>> lines;                  ///< words of each line
  std::vector<std::deque<std::size_t>> to_emit;                 ///< by spout task
  std::vector<std::set<std::size_t>> acked_lines;               ///< by spout task
  std::map<std::uint64_t, Emission> emissions;                  ///< by message id
  std::map<std::uint64_t, std::multiset<std::string>> counted;  ///< by message id: the words that were counted
  std::uint64_t next_id = 1;
  std::uint64_t acked = 0, failed = 0;
  std::string problem;

  void blame(std::string what) {
    if (problem.empty()) problem = std::move(what);
  }
};

class Lines final : public Spout {
 public:
  Lines(Outside& outside, std::size_t task, int life) : outside_(outside), task_(task), life_(life) {
    // A new life reads again what the former one had no ack for.
    auto& queue = outside.to_emit[task];
    for (auto& [id, emission] : outside.emissions)
      if (emission.life < life && emission.verdicts == 0 && emission.line % outside.to_emit.size() == task &&
          !outside.acked_lines[task].contains(emission.line)) {
        emission.verdicts = -1;  // nobody will hear of it
        queue.push_back(emission.line);
      }
  }
  Next next(Output& out) override {
    auto& queue = outside_.to_emit[task_];
    if (queue.empty()) return outside_.acked_lines[task_].size() == total() ? Next::exhausted : Next::idle;
    const std::size_t line = queue.front();
    queue.pop_front();
    const std::uint64_t id = outside_.next_id++;
    outside_.emissions[id] = {line, life_};
    std::string text;
    for (const std::string& word : outside_.lines[line]) text += word + " ";
    out.emit(MessageId{id}, text, static_cast<std::int64_t>(id));
    return Next::emitted;
  }
  void ack(MessageId id) override {
    Outside::Emission& emission = verdict(id);
    ++outside_.acked;
    const auto& words = outside_.lines[emission.line];
    const auto& counted = outside_.counted[id.value];
    for (const std::string& word : std::set<std::string>(words.begin(), words.end()))
      if (counted.count(word) < static_cast<std::size_t>(std::count(words.begin(), words.end(), word)))
        outside_.blame("line " + std::to_string(emission.line) + " was acked, but \"" + word + "\" was not counted");
    outside_.acked_lines[task_].insert(emission.line);
  }
  void fail(MessageId id, std::string_view) override {
    Outside::Emission& emission = verdict(id);
    ++outside_.failed;
    outside_.to_emit[task_].push_back(emission.line);
  }

 private:
  std::size_t total() const { return (outside_.lines.size() + outside_.to_emit.size() - 1 - task_) / outside_.to_emit.size(); }
  Outside::Emission& verdict(MessageId id) {
    Outside::Emission& emission = outside_.emissions.at(id.value);
    if (++emission.verdicts != 1) outside_.blame("message " + std::to_string(id.value) + " got a second verdict");
    if (emission.life != life_) outside_.blame("message " + std::to_string(id.value) + " of a former life got a verdict");
    return emission;
  }
  Outside& outside_;
  std::size_t task_;
  int life_;
};

class Split final : public Bolt {
  void execute(const Tuple& tuple, Output& out) override {
    for (std::string_view word : words(tuple.string(0))) out.emit(word, tuple[1]);
  }
};

class Count final : public Bolt {
 public:
  Count(Outside& outside, Random& random) : outside_(outside), random_(random) {}
  void execute(const Tuple& tuple, Output& out) override {
    if (random_.chance(1, 300)) return out.fail("one in three hundred");
    outside_.counted[static_cast<std::uint64_t>(tuple.integer(1))].emplace(tuple.string(0));
  }

 private:
  Outside& outside_;
  Random& random_;
};

class Factory final : public worker::ComponentFactory {
 public:
  Factory(Outside& outside, Random& random, int life) : outside_(outside), random_(random), life_(life) {}
  Result<ComponentSpec> describe(const topology::Component&) override { return ComponentSpec{}; }
  Result<worker::MadeComponent> make(const topology::Topology&, const topology::Component& component) override {
    worker::MadeComponent made;
    if (component.id == "lines")
      made.spout = std::make_unique<Late>(outside_, life_);
    else if (component.id == "split")
      made.bolt = std::make_unique<Split>();
    else
      made.bolt = std::make_unique<Count>(outside_, random_);
    return made;
  }
  Result<std::unique_ptr<Grouping>> make_grouping(const topology::Implementation&) override { return Error{"none"}; }

 private:
  /// Knows which task it is only when it is opened.
  class Late final : public Spout {
   public:
    Late(Outside& outside, int life) : outside_(outside), life_(life) {}
    void open(Context& context) override { lines_.emplace(outside_, context.index(), life_); }
    Next next(Output& out) override { return lines_->next(out); }
    void ack(MessageId id) override { lines_->ack(id); }
    void fail(MessageId id, std::string_view reason) override { lines_->fail(id, reason); }

   private:
    Outside& outside_;
    int life_;
    std::optional<Lines> lines_;
  };
  Outside& outside_;
  Random& random_;
  int life_;
};

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), network_(clock_, random_.next(), faults()) {
    const auto spouts = static_cast<std::uint32_t>(1 + random_.below(3));
    builder_.spout("lines", {"line", "id"}, spouts)
        .bolt("split", {"word", "id"}, {B::shuffle("lines")}, static_cast<std::uint32_t>(1 + random_.below(4)))
        .bolt("count", {}, {B::fields("split", {"word"})}, static_cast<std::uint32_t>(1 + random_.below(4)))
        .config("topology.message.timeout.secs", Value(static_cast<std::int64_t>(2 + random_.below(4))));
    outside_.to_emit.resize(spouts);
    outside_.acked_lines.resize(spouts);
    const std::vector<std::string> vocabulary = {"the", "cow", "jumped", "over", "moon",
                                                 "a",   "b",   "c",      "d",    "long-word-to-fill-records"};
    for (std::size_t line = 0; line < 120; ++line) {
      std::vector<std::string> text;
      for (std::uint64_t i = random_.below(9); i > 0; --i) text.push_back(vocabulary[random_.below(vocabulary.size())]);
      outside_.lines.push_back(text);
      outside_.to_emit[line % spouts].push_back(line);
    }
    placement_ = worker::place(builder_.topology, kWorkers, static_cast<std::uint16_t>(1 + random_.below(2)));
    for (std::uint16_t i = 0; i < kWorkers; ++i) start(i);
    victim_ = static_cast<std::uint16_t>(random_.below(kWorkers));
    kill_at_ = clock_.now() + static_cast<Nanoseconds>(random_.below(40)) * kMillisecond;
    revive_at_ = kill_at_ + static_cast<Nanoseconds>(1 + random_.below(3000)) * kMillisecond;
    told_ = random_.chance(1, 2);
  }

  Outcome run() {
    const Nanoseconds limit = clock_.now() + 600 * kSecond;
    while (outside_.problem.empty()) {
      kill_or_revive();
      bool any = false, all_done = !workers_[victim_] ? false : revived_;
      for (auto& worker : workers_) {
        if (!worker) continue;
        any |= worker->step();
        all_done &= worker->done();
      }
      if (all_done) return finish();
      if (any) {
        clock_.advance(10 * kMicrosecond);
        continue;
      }
      if (clock_.now() >= limit) {
        outside_.blame("it hangs: " + std::to_string(acked_lines()) + " of " + std::to_string(outside_.lines.size()) +
                       " lines are acked after 600 s");
        break;
      }
      advance();
    }
    return {false, outside_.problem, summary()};
  }

 private:
  worker::NetworkFaults faults() {
    return {.delay_max = static_cast<Nanoseconds>(random_.below(20)) * kMillisecond,
            .dropped_per_mille = static_cast<std::uint32_t>(random_.below(100)),
            .doubled_per_mille = static_cast<std::uint32_t>(random_.below(100))};
  }

  void start(std::uint16_t index) {
    ++lives_[index];
    transports_[index] = network_.make(index);
    factories_[index] = std::make_unique<Factory>(outside_, random_, lives_[index]);
    worker::WorkerOptions options;
    options.clock = &clock_;
    options.log = &log_;
    options.factory = factories_[index].get();
    options.seed = random_.next();
    options.placement = placement_;
    options.index = index;
    options.attempt = static_cast<std::uint32_t>(lives_[index]);
    options.transport = transports_[index].get();
    auto made = worker::Worker::create(builder_.topology, std::move(options));
    if (!made) return outside_.blame(made.error().message);
    workers_[index] = std::move(*made);
  }

  void kill_or_revive() {
    if (!killed_ && clock_.now() >= kill_at_) {
      killed_ = true;
      workers_[victim_].reset();
      network_.leave(victim_);
      for (auto& worker : workers_)
        if (worker && told_) worker->peer_lost(victim_);
    }
    if (killed_ && !revived_ && clock_.now() >= revive_at_) {
      revived_ = true;
      start(victim_);
    }
  }

  void advance() {
    Nanoseconds next = clock_.now() + kSecond;
    const auto earlier = [&](std::optional<Nanoseconds> at) {
      if (at) next = std::min(next, *at);
    };
    earlier(network_.next_arrival());
    for (auto& worker : workers_)
      if (worker) earlier(worker->next_deadline());
    if (!killed_) earlier(kill_at_);
    if (!revived_) earlier(revive_at_);
    clock_.set(std::max(next, clock_.now() + kMicrosecond));
  }

  std::size_t acked_lines() const {
    std::size_t count = 0;
    for (const auto& lines : outside_.acked_lines) count += lines.size();
    return count;
  }

  Outcome finish() {
    if (acked_lines() != outside_.lines.size())
      outside_.blame("it ended, but only " + std::to_string(acked_lines()) + " lines are acked");
    for (const auto& [id, emission] : outside_.emissions)
      if (emission.verdicts == 0) outside_.blame("message " + std::to_string(id) + " never got a verdict");
    return {outside_.problem.empty(), outside_.problem, summary()};
  }

  std::string summary() const {
    return std::to_string(outside_.acked) + " acked, " + std::to_string(outside_.failed) + " failed, " +
           std::to_string(network_.dropped()) + " frames dropped, " + std::to_string((clock_.now() - kSecond) / kMillisecond) +
           " ms";
  }

  ManualClock clock_;
  Random random_;
  Outside outside_;
  B builder_;
  test::MemoryLog log_;
  worker::LoopbackNetwork network_;
  worker::Placement placement_;
  int lives_[kWorkers] = {};
  std::unique_ptr<worker::Transport> transports_[kWorkers];
  std::unique_ptr<Factory> factories_[kWorkers];
  std::unique_ptr<worker::Worker> workers_[kWorkers];
  std::uint16_t victim_ = 0;
  Nanoseconds kill_at_ = 0, revive_at_ = 0;
  bool killed_ = false, revived_ = false, told_ = false;
};

}  // namespace

Outcome run_word_count(std::uint64_t seed) {
  World world(seed);
  return world.run();
}

}  // namespace sparse::sim
