// The topology compiled: numbers, homes, cycles, positions.
#include "worker/execution/plan.h"

#include <gtest/gtest.h>

#include "tests/support/topology_builder.h"

namespace sparse::worker {
namespace {

using test::TopologyBuilder;
using topology::GroupingKind;
using Builder = TopologyBuilder;

Plan plan_of(const topology::Topology& topology, std::uint16_t workers = 1, std::uint16_t loops = 1) {
  return make_plan(topology, place(topology, workers, loops));
}

TEST(Plan, numbers_tasks_from_one_in_the_order_of_the_components) {
  TopologyBuilder builder;
  builder.spout("a", {"x"}, 2).spout("b", {"x"}, 1).bolt("c", {}, {Builder::shuffle("a"), Builder::shuffle("b")}, 3);
  const Plan plan = plan_of(builder.topology);
  EXPECT_EQ(plan.task_count(), 6u);
  EXPECT_EQ(plan.components[0].first, 1u);
  EXPECT_EQ(plan.components[1].first, 3u);
  EXPECT_EQ(plan.components[2].first, 4u);
  EXPECT_EQ(plan.components[2].tasks, 3u);
  EXPECT_EQ(plan.component_of, (std::vector<std::uint32_t>{0, 0, 0, 1, 2, 2, 2}));
}

TEST(Plan, gives_the_same_numbered_tasks_of_all_components_one_home) {
  TopologyBuilder builder;
  builder.spout("a", {"x"}, 3).bolt("b", {}, {Builder::shuffle("a")}, 8);
  struct Row {
    std::uint16_t workers, loops;
    std::vector<std::uint32_t> b;  ///< loops of b's tasks, numbered through all workers
  };
  for (const Row& row : std::vector<Row>{{1, 1, {0, 0, 0, 0, 0, 0, 0, 0}},
                                         {1, 3, {0, 1, 2, 0, 1, 2, 0, 1}},
                                         {2, 1, {0, 1, 0, 1, 0, 1, 0, 1}},
                                         {2, 2, {0, 2, 1, 3, 0, 2, 1, 3}},
                                         {3, 2, {0, 2, 4, 1, 3, 5, 0, 2}}}) {
    const Plan plan = plan_of(builder.topology, row.workers, row.loops);
    EXPECT_EQ(plan.loop_total(), std::uint32_t{row.workers} * row.loops);
    for (std::uint32_t i = 0; i < 8; ++i) {
      const TaskId task = plan.components[1].first + i;
      EXPECT_EQ(plan.loop_of[task], row.b[i]) << row.workers << " workers, " << row.loops << " loops, task " << i;
      EXPECT_EQ(plan.worker_of(task), row.b[i] / row.loops);
      if (i >= 3) continue;
      EXPECT_EQ(plan.loop_of[plan.components[0].first + i], row.b[i]) << "a and b fuse";
    }
  }
}

std::vector<std::string> closing_edges(const Plan& plan) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < plan.components.size(); ++i)
    for (const PlanStream& stream : plan.components[i].streams)
      for (const PlanEdge& edge : stream.edges)
        if (edge.closes_cycle)
          found.push_back(plan.topology.components[i].id + ">" + plan.topology.components[edge.subscriber].id);
  return found;
}

TEST(Plan, gives_blocking_tasks_loops_of_their_own) {
  TopologyBuilder builder;
  builder.spout("s", {"x"}, 2).bolt("slow", {"x"}, {TopologyBuilder::shuffle("s")}, 3);
  builder.last().blocking = true;
  builder.bolt("last", {}, {TopologyBuilder::shuffle("slow")}, 2);
  const Placement placement = place(builder.topology, 1, 2);
  std::vector<int> loops;
  for (std::size_t task = 1; task < placement.homes.size(); ++task) loops.push_back(placement.homes[task].loop);
  EXPECT_EQ(loops, (std::vector<int>{0, 1, 2, 3, 4, 0, 1}));
  EXPECT_EQ(placement.loops, 5);
  EXPECT_EQ(placement.shared_loops, 2);
  builder.topology.components[1].parallelism = 100;
  EXPECT_EQ(place(builder.topology, 1, 2).loops, 2 + kBlockingLoopsMax);
}

TEST(Plan, keeps_loops_in_reserve_for_tasks_that_turn_out_to_block) {
  const struct {
    std::uint32_t plain, blocking;
    int loops, reserve;
  } cases[] = {{2, 0, 2 + 3, 3}, {100, 0, 2 + 8, 8}, {100, 3, 2 + 3 + 8, 8}, {1, 62, 2 + 62 + 2, 2}, {1, 100, 2 + 64, 0}};
  for (const auto& c : cases) {
    TopologyBuilder builder;
    builder.spout("s", {"x"}).bolt("plain", {}, {TopologyBuilder::shuffle("s")}, c.plain);
    builder.bolt("slow", {}, {TopologyBuilder::shuffle("s")}, std::max(1u, c.blocking));
    if (c.blocking == 0) builder.topology.components.pop_back();
    if (c.blocking != 0) builder.last().blocking = true;
    Placement placement = place(builder.topology, 1, 2);
    add_reserve(placement);
    EXPECT_EQ(placement.loops, c.loops) << c.plain << " " << c.blocking;
    EXPECT_EQ(placement.reserve_loops, c.reserve) << c.plain << " " << c.blocking;
    EXPECT_EQ(placement.first_reserve(), c.loops - c.reserve);
  }
}

TEST(Plan, marks_the_edges_that_close_a_cycle_and_no_others) {
  const auto edges = [](std::vector<std::pair<std::string, std::vector<topology::Input>>> bolts) {
    TopologyBuilder builder;
    builder.spout("s", {"x"});
    for (auto& [id, inputs] : bolts) builder.bolt(id, {"x"}, std::move(inputs));
    return closing_edges(plan_of(builder.topology));
  };
  const auto from = [](const char* id) { return Builder::shuffle(id); };
  using Found = std::vector<std::string>;
  EXPECT_EQ(edges({{"a", {from("s")}}, {"b", {from("a"), from("s")}}, {"c", {from("a"), from("b")}}}), Found{}) << "a diamond";
  EXPECT_EQ(edges({{"a", {from("s"), from("a")}}}), Found{"a>a"});
  EXPECT_EQ(edges({{"a", {from("s"), from("b")}}, {"b", {from("a")}}}), Found{"b>a"});
  EXPECT_EQ(edges({{"a", {from("s"), from("c")}}, {"b", {from("a"), from("c")}}, {"c", {from("b")}}}), (Found{"c>a", "c>b"}));
  EXPECT_EQ(edges({{"b", {from("a")}}, {"a", {from("b")}}}).size(), 1u) << "a cycle that no spout feeds";
}

TEST(Plan, takes_the_end_only_from_edges_that_close_no_cycle) {
  TopologyBuilder builder;
  builder.spout("s", {"x"})
      .bolt("a", {"x"}, {Builder::shuffle("s"), Builder::grouped("b", GroupingKind::all)})
      .bolt("b", {"x"}, {Builder::shuffle("a"), Builder::grouped("a", GroupingKind::global)});
  const Plan plan = plan_of(builder.topology);
  EXPECT_TRUE(plan.components[0].upstream.empty());
  EXPECT_EQ(plan.components[1].upstream, std::vector<std::uint32_t>{0});
  EXPECT_EQ(plan.components[2].upstream, std::vector<std::uint32_t>{1}) << "once, though subscribed twice";
}

TEST(Plan, finds_where_the_fields_of_a_grouping_stand) {
  TopologyBuilder builder;
  builder.spout("s", {"one", "two", "three"})
      .bolt("a", {}, {Builder::fields("s", {"three", "one"})})
      .bolt("b", {}, {Builder::grouped("s", GroupingKind::partial_key)});
  const Plan plan = plan_of(builder.topology);
  const auto& edges = plan.components[0].streams[0].edges;
  ASSERT_EQ(edges.size(), 2u);
  EXPECT_EQ(edges[0].subscriber, 1u);
  EXPECT_EQ(edges[0].positions, (std::vector<std::uint16_t>{2, 0})) << "in the order of the grouping";
  EXPECT_EQ(edges[1].positions, std::vector<std::uint16_t>{0}) << "as in Storm: the first value";
}

TEST(Plan, adds_a_stream_for_dead_letters) {
  TopologyBuilder builder;
  builder.spout("s", {"x"});
  builder.last().dead_letter = "d";
  builder.bolt("a", {}, {Builder::shuffle("s")}).bolt("d", {}, {});
  const Plan plan = plan_of(builder.topology);
  ASSERT_EQ(plan.components[0].streams.size(), 2u);
  const PlanStream& stream = plan.components[0].streams[1];
  EXPECT_EQ(stream.name, kDeadLetterStream);
  EXPECT_EQ(stream.fields, (std::vector<std::string>{"message_id", "values", "reason"}));
  ASSERT_EQ(stream.edges.size(), 1u);
  EXPECT_EQ(stream.edges[0].subscriber, 2u);
  EXPECT_EQ(plan.components[2].upstream, std::vector<std::uint32_t>{0}) << "it waits for the spout's end";
  EXPECT_TRUE(plan.components[1].streams.empty());
}

TEST(Plan, reads_the_keys_of_acking_timeouts_and_ticks) {
  TopologyBuilder builder;
  builder.spout("s", {"x"}).bolt("a", {}, {Builder::shuffle("s")}).bolt("b", {}, {Builder::shuffle("s")});
  builder.last().config = Value(Value::Map{{"topology.tick.tuple.freq.secs", 5}});
  EXPECT_TRUE(plan_of(builder.topology).acking);
  EXPECT_EQ(plan_of(builder.topology).timeout, 30 * kSecond);
  EXPECT_EQ(plan_of(builder.topology).components[1].tick_ms, 0);
  EXPECT_EQ(plan_of(builder.topology).components[2].tick_ms, 5000);
  builder.config("topology.acker.executors", 0)
      .config("topology.message.timeout.secs", 7)
      .config("topology.tick.tuple.freq.secs", 2);
  EXPECT_FALSE(plan_of(builder.topology).acking);
  EXPECT_EQ(plan_of(builder.topology).timeout, 7 * kSecond);
  EXPECT_EQ(plan_of(builder.topology).components[1].tick_ms, 2000);
  EXPECT_EQ(plan_of(builder.topology).components[2].tick_ms, 5000);
  builder.config("topology.enable.message.timeouts", false);
  EXPECT_EQ(plan_of(builder.topology).timeout, 0);
}

}  // namespace
}  // namespace sparse::worker
