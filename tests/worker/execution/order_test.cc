// On every channel the order of execution is the order of emits, in every mix of direct, queued and crossing emits.
#include <gtest/gtest.h>

#include <map>

#include "core/base/random.h"
#include "tests/support/engine_harness.h"
#include "worker/execution/task.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;
using topology::GroupingKind;

/// A random topology in layers. Every tuple carries the number of the emit among all of its source task.
class RandomTopology {
 public:
  explicit RandomTopology(std::uint64_t seed, bool moves = false) : random_(seed) {
    engine_.loops = static_cast<std::uint16_t>((moves ? 2 : 1) + random_.below(4));
    if (moves) engine_.between_steps = [this] { move_some(); };
    engine_.fusion = !random_.chance(1, 4);
    if (random_.chance(1, 6)) engine_.builder.config("topology.acker.executors", 0);
    const std::uint64_t spouts = 1 + random_.below(2), bolts = 2 + random_.below(5);
    for (std::uint64_t i = 0; i < spouts; ++i) add_spout("spout" + std::to_string(i));
    for (std::uint64_t i = 0; i < bolts; ++i) add_bolt("bolt" + std::to_string(i));
  }

  void run() {
    ASSERT_TRUE(engine_.run(3000 * kSecond));
    EXPECT_EQ(out_of_order_, 0);
    for (const auto& [edge, grouping] : edges_) {
      const std::uint64_t copies = grouping == GroupingKind::all ? tasks_of(edge.second) : 1;
      EXPECT_EQ(executed_[edge], engine_.total(edge.first).emitted * copies) << edge.first << " to " << edge.second;
    }
    for (const auto& [id, script] : messages_) EXPECT_EQ(acked_[id], script) << "acks of " << id;
    EXPECT_EQ(failed_, 0u);
    for (const auto& [message, times] : verdicts_) EXPECT_EQ(times, 1) << message.second << " of " << message.first;
  }
  std::uint64_t moves() const { return moves_; }

 private:
  void move_some() {
    if (!random_.chance(1, 3)) return;
    for (std::uint64_t left = 1 + random_.below(3); left > 0; --left) {
      const auto task = static_cast<TaskId>(1 + random_.below(last_task()));
      engine_.worker->move_task(task, static_cast<std::uint16_t>(random_.below(engine_.loops)));
      ++moves_;
    }
  }
  TaskId last_task() const {
    TaskId sum = 0;
    for (const auto& component : engine_.builder.topology.components) sum += component.parallelism;
    return sum;
  }

  std::uint32_t tasks_of(const std::string& id) const {
    return topology::find_component(engine_.builder.topology, id)->parallelism;
  }

  void add_spout(const std::string& id) {
    const std::uint64_t count = 100 + random_.below(400);
    const auto tasks = static_cast<std::uint32_t>(1 + random_.below(3));
    messages_[id] = count * tasks;
    SpoutCalls calls;
    calls.next = [this, count](Output& out) {
      std::int64_t& number = emitted_[worker::Task::of(out).id];
      if (number == static_cast<std::int64_t>(count)) return Next::exhausted;
      const std::int64_t mine = number++;
      out.emit(MessageId{static_cast<std::uint64_t>(mine)}, mine, mine % 17);
      return random_.chance(1, 50) ? Next::idle : Next::emitted;
    };
    calls.ack = [this, id](std::uint64_t message) {
      ++acked_[id];
      if (tasks_of(id) == 1) ++verdicts_[{id, message}];  // else the numbers of its tasks are the same
    };
    calls.fail = [this](std::uint64_t, std::string_view) { ++failed_; };
    engine_.spout(id, {"n", "key"}, calls, tasks);
  }

  void add_bolt(const std::string& id) {
    std::vector<topology::Input> inputs;
    const auto& before = engine_.builder.topology.components;
    for (std::uint64_t left = 1 + random_.below(2); left > 0; --left) {
      const std::string& source = before[random_.below(before.size())].id;
      if (edges_.contains({source, id})) continue;
      constexpr GroupingKind kKinds[] = {GroupingKind::shuffle, GroupingKind::shuffle,          GroupingKind::fields,
                                         GroupingKind::global,  GroupingKind::local_or_shuffle, GroupingKind::none,
                                         GroupingKind::all,     GroupingKind::partial_key};
      const GroupingKind kind = kKinds[random_.below(std::size(kKinds))];
      topology::Input input = Builder::grouped(source, kind);
      input.grouping.fields = {"key"};
      inputs.push_back(input);
      edges_[{source, id}] = kind;
    }
    const bool by_hand = random_.chance(1, 4);
    const std::uint64_t slowness = random_.below(3);
    const auto tasks = static_cast<std::uint32_t>(1 + random_.below(4));
    auto& bolt = engine_.bolt(id, {"n", "key"}, inputs,
                              BoltCalls{.execute =
                                            [this, id, by_hand, slowness](const Tuple& in, Output& out) {
                                              execute(id, slowness, in, out);
                                              if (by_hand) out.ack(in);
                                            }},
                              tasks);
    bolt.manual_ack = by_hand;
  }

  void execute(const std::string& id, std::uint64_t slowness, const Tuple& in, Output& out) {
    const TaskId me = worker::Task::of(out).id;
    ++executed_[{std::string(in.source_component()), id}];
    const auto [last, first_time] = last_.try_emplace({in.source_task(), me}, -1);
    if (in.integer(0) <= last->second) ++out_of_order_;
    last->second = in.integer(0);
    // Some calls are so slow that the step ends in the middle; the clock is looked at in one call of 64.
    if (slowness == 1 && random_.chance(1, 20)) engine_.clock.advance(2 * kMillisecond);
    if (slowness == 2) engine_.clock.advance(static_cast<Nanoseconds>(random_.below(300)) * kMicrosecond);
    for (std::uint64_t left = random_.below(3); left > 0; --left) {
      out.emit(emitted_[me], emitted_[me] % 13);
      ++emitted_[me];
    }
  }

  Random random_;
  Engine engine_;
  std::map<std::pair<std::string, std::string>, GroupingKind> edges_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> executed_;
  std::map<TaskId, std::int64_t> emitted_;
  std::map<std::pair<TaskId, TaskId>, std::int64_t> last_;
  std::map<std::string, std::uint64_t> messages_, acked_;
  std::map<std::pair<std::string, std::uint64_t>, int> verdicts_;
  std::uint64_t failed_ = 0, moves_ = 0;
  int out_of_order_ = 0;
};

class Order : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, Order, testing::Range<std::uint64_t>(1, 25));

TEST_P(Order, is_the_order_of_emits_on_every_channel_and_nothing_is_lost) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  RandomTopology(GetParam()).run();
}

TEST(Moves, change_no_order_lose_nothing_and_leave_one_verdict_each) {
  std::uint64_t moves = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomTopology topology(seed, true);
    topology.run();
    moves += topology.moves();
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(moves, 30'000u);
}

}  // namespace
}  // namespace sparse::test
