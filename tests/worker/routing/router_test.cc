// Which tasks each grouping chooses.
#include "worker/routing/router.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/recording_output.h"
#include "worker/routing/hash.h"

namespace sparse::worker {
namespace {

using test::TupleOf;
using topology::GroupingKind;
using Chosen = std::vector<std::uint32_t>;

Chosen choose(Router& router, Value::List values) {
  test::RecordingOutput out;
  const TupleOf tuple(std::move(values), out);
  Chosen chosen;
  router.choose(tuple, [&](std::uint32_t index) { chosen.push_back(index); });
  return chosen;
}

/// What `times` emits of the same values go to, one after the other.
Chosen choose_often(Router::Options options, int times) {
  Router router(std::move(options));
  Chosen all;
  for (int i = 0; i < times; ++i)
    for (const std::uint32_t index : choose(router, {"key"})) all.push_back(index);
  return all;
}

TEST(Router, chooses_as_the_grouping_says) {
  const auto key = task_of_group(key_group([] {
                                   Cell cell;
                                   cell.set(std::string_view("key"));
                                   const std::uint16_t first = 0;
                                   return fields_hash(&cell, {&first, 1});
                                 }()),
                                 4);
  struct Row {
    const char* what;
    Router::Options options;
    Chosen expected;
  };
  std::vector<Row> table;
  const auto row = [&](const char* what, GroupingKind kind, std::uint32_t targets, Chosen near, std::uint32_t offset,
                       Chosen expected) {
    table.push_back({what,
                     {.kind = kind, .targets = targets, .near = std::move(near), .positions = {0}, .offset = offset},
                     std::move(expected)});
  };
  row("shuffle goes round", GroupingKind::shuffle, 3, {}, 0, {0, 1, 2, 0});
  row("shuffle begins at the emitter's number", GroupingKind::shuffle, 3, {}, 5, {2, 0, 1, 2});
  row("shuffle does not care who is near", GroupingKind::shuffle, 3, {1}, 0, {0, 1, 2, 0});
  row("fields stay with the key", GroupingKind::fields, 4, {}, 2, {key, key, key, key});
  row("all", GroupingKind::all, 3, {}, 1, {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2});
  row("global goes to the lowest task", GroupingKind::global, 3, {2}, 1, {0, 0, 0, 0});
  row("none prefers near tasks", GroupingKind::none, 4, {1, 3}, 0, {1, 3, 1, 3});
  row("none without near tasks is shuffle", GroupingKind::none, 3, {}, 1, {1, 2, 0, 1});
  row("local-or-shuffle prefers near tasks", GroupingKind::local_or_shuffle, 4, {2, 3}, 1, {3, 2, 3, 2});
  row("local-or-shuffle with one near task", GroupingKind::local_or_shuffle, 4, {2}, 7, {2, 2, 2, 2});
  row("local-or-shuffle without near tasks is shuffle", GroupingKind::local_or_shuffle, 2, {}, 0, {0, 1, 0, 1});
  row("direct chooses nothing by itself", GroupingKind::direct, 3, {}, 0, {});
  for (const GroupingKind kind :
       {GroupingKind::shuffle, GroupingKind::fields, GroupingKind::partial_key, GroupingKind::global, GroupingKind::none})
    row("one task", kind, 1, {}, 3, {0, 0, 0, 0});
  for (Row& each : table) EXPECT_EQ(choose_often(std::move(each.options), 4), each.expected) << each.what;
}

TEST(Router, follows_when_other_tasks_come_near) {
  Router router({.kind = GroupingKind::local_or_shuffle, .targets = 4, .near = {2, 3}, .offset = 1});
  EXPECT_EQ(choose(router, {"key"}), Chosen{3});
  router.set_near({0});
  EXPECT_EQ(choose(router, {"key"}), Chosen{0});
  EXPECT_EQ(choose(router, {"key"}), Chosen{0});
  router.set_near({0, 1});
  EXPECT_EQ(choose(router, {"key"}), Chosen{0});
  EXPECT_EQ(choose(router, {"key"}), Chosen{1});
  Router shuffle({.kind = GroupingKind::shuffle, .targets = 2});
  shuffle.set_near({1});
  EXPECT_EQ(choose(shuffle, {"key"}), Chosen{0});
}

TEST(Router, sends_equal_fields_to_the_same_task_from_every_emitter) {
  Router first({.kind = GroupingKind::fields, .targets = 7, .positions = {1}, .offset = 0});
  Router second({.kind = GroupingKind::fields, .targets = 7, .near = {3}, .positions = {0}, .offset = 5});
  std::set<std::uint32_t> used;
  for (int i = 0; i < 200; ++i) {
    const Chosen chosen = choose(first, {"something else", i});
    EXPECT_EQ(choose(second, {static_cast<double>(i), nullptr}), chosen);
    used.insert(chosen.at(0));
  }
  EXPECT_EQ(used.size(), 7u);
}

TEST(Router, gives_a_partial_key_two_candidates_and_balances_them) {
  constexpr std::uint32_t kTasks = 5;
  Router router({.kind = GroupingKind::partial_key, .targets = kTasks, .positions = {0}});
  std::map<std::string, std::set<std::uint32_t>> by_key;
  std::vector<int> load(kTasks);
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = "key-" + std::to_string(i % 50);
    const Chosen chosen = choose(router, {key});
    ASSERT_EQ(chosen.size(), 1u);
    by_key[key].insert(chosen[0]);
    ++load[chosen[0]];
  }
  for (const auto& [key, tasks] : by_key) EXPECT_LE(tasks.size(), 2u) << key;
  for (const int count : load) EXPECT_NEAR(count, 2000, 100);

  Router one_key({.kind = GroupingKind::partial_key, .targets = kTasks, .positions = {0}});
  std::map<std::uint32_t, int> halves;
  for (int i = 0; i < 100; ++i) ++halves[choose(one_key, {"hot"}).at(0)];
  EXPECT_EQ(halves.size(), 2u);
  EXPECT_EQ(halves.begin()->second, 50);
}

TEST(Router, finds_the_same_two_candidates_at_every_emitter) {
  for (int key = 0; key < 50; ++key) {
    std::set<std::uint32_t> all;
    for (std::uint32_t emitter = 0; emitter < 4; ++emitter) {
      Router router({.kind = GroupingKind::partial_key, .targets = 9, .positions = {0}, .offset = emitter});
      for (int i = 0; i < 10; ++i) all.insert(choose(router, {key}).at(0));
    }
    EXPECT_EQ(all.size(), 2u);
  }
}

TEST(Router, keeps_to_what_it_chose_ahead_in_order) {
  for (const GroupingKind kind : {GroupingKind::shuffle, GroupingKind::none, GroupingKind::local_or_shuffle}) {
    Router router({.kind = kind, .targets = 4, .near = kind == GroupingKind::none ? Chosen{1, 2} : Chosen{}});
    choose(router, {"x"});
    Chosen told;
    for (int i = 0; i < 7; ++i) router.choose_ahead(told);
    ASSERT_EQ(told.size(), 7u);
    Chosen done;
    for (int i = 0; i < 7; ++i) done.push_back(choose(router, {i}).at(0));
    EXPECT_EQ(done, told);
    // And it goes on where it would have been.
    Chosen next;
    router.choose_ahead(next);
    EXPECT_EQ(choose(router, {"x"}), next);
  }
}

TEST(Router, tells_all_tasks_ahead_where_all_are_meant) {
  Router all({.kind = GroupingKind::all, .targets = 3}), global({.kind = GroupingKind::global, .targets = 3}),
      single({.kind = GroupingKind::fields, .targets = 1, .positions = {0}});
  Chosen told;
  all.choose_ahead(told);
  EXPECT_EQ(told, (Chosen{0, 1, 2}));
  for (Router* router : {&global, &single}) {
    told.clear();
    router->choose_ahead(told);
    EXPECT_EQ(told, Chosen{0});
    EXPECT_EQ(choose(*router, {"x"}), Chosen{0});
    EXPECT_EQ(choose(*router, {"y"}), Chosen{0});
  }
}

class Custom final : public Grouping {
 public:
  explicit Custom(std::vector<TaskId> answer) : answer_(std::move(answer)) {}
  void prepare(const std::vector<TaskId>&, const Value&) override {}
  void choose(const Tuple&, std::vector<TaskId>& chosen) override { chosen = answer_; }

 private:
  std::vector<TaskId> answer_;
};

Router custom(std::vector<TaskId> answer) {
  return Router(
      {.kind = GroupingKind::custom, .targets = 3, .custom = std::make_unique<Custom>(std::move(answer)), .tasks = {11, 12, 13}});
}

TEST(Router, can_choose_ahead_only_what_needs_no_values) {
  struct Row {
    GroupingKind kind;
    bool of_one, of_three;
  };
  for (const Row& row : std::vector<Row>{{GroupingKind::shuffle, true, true},
                                         {GroupingKind::fields, true, false},
                                         {GroupingKind::all, true, true},
                                         {GroupingKind::global, true, true},
                                         {GroupingKind::none, true, true},
                                         {GroupingKind::direct, false, false},
                                         {GroupingKind::local_or_shuffle, true, true},
                                         {GroupingKind::partial_key, true, false}}) {
    EXPECT_EQ(Router({.kind = row.kind, .targets = 1, .positions = {0}}).chooses_ahead(), row.of_one)
        << topology::grouping_name(row.kind);
    EXPECT_EQ(Router({.kind = row.kind, .targets = 3, .positions = {0}}).chooses_ahead(), row.of_three)
        << topology::grouping_name(row.kind);
  }
  EXPECT_FALSE(custom({}).chooses_ahead());
}

TEST(Router, follows_a_custom_grouping) {
  for (const auto& [answer, expected] :
       std::vector<std::pair<std::vector<TaskId>, Chosen>>{{{12}, {1}}, {{13, 11}, {2, 0}}, {{}, {}}, {{12, 12}, {1, 1}}}) {
    Router router = custom(answer);
    EXPECT_EQ(choose(router, {"x"}), expected);
    EXPECT_EQ(choose(router, {"x"}), expected) << "nothing is left from the first";
  }
}

TEST(Router, throws_if_a_custom_grouping_names_a_foreign_task) {
  for (const TaskId foreign : {0u, 10u, 14u, kNoTask}) {
    Router router = custom({11, foreign});
    try {
      choose(router, {"x"});
      ADD_FAILURE() << "task " << foreign << " was accepted";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(std::string(error.what()),
                "the custom grouping chose task " + std::to_string(foreign) + ", which is not one of the subscriber's");
    }
  }
}

}  // namespace
}  // namespace sparse::worker
