// The Kafka spout on the engine: what it emits, what it commits, and what it does with what fails.
#include <gmock/gmock.h>

#include "tests/worker/kafka/kafka_run.h"

namespace sparse::kafka {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(KafkaRun, each_message_of_each_partition_is_emitted_once_and_committed) {
  create("t", 3);
  for (int partition = 0; partition < 3; ++partition) write("t", numbered(partition * 100, partition * 100 + 100), partition);
  spout({{"topics", "t"}, {"until", "end"}}, 2);
  keep();
  ASSERT_TRUE(run());
  const auto expected = numbered(0, 300);
  EXPECT_EQ(seen_set(), std::multiset<std::string>(expected.begin(), expected.end())) << log.all();
  for (int partition = 0; partition < 3; ++partition) EXPECT_EQ(committed("t", partition), 100);
}

TEST_F(KafkaRun, a_restart_goes_on_exactly_after_what_was_committed) {
  create("t", 1);
  write("t", numbered(0, 50));
  for (int i = 1; i <= 3; ++i) {
    spout({{"topics", "t"}, {"until", "end"}});
    keep();
    ASSERT_TRUE(run());
    EXPECT_EQ(seen_count(), 50u) << log.all();
    EXPECT_EQ(committed("t"), 50 * i);
    write("t", numbered(50 * i, 50 * i + 50));
  }
}

TEST_F(KafkaRun, it_goes_on_where_a_spout_of_storm_stopped) {
  create("t", 1);
  write("t", numbered(0, 10));
  const auto storms = consumer("storms");
  ASSERT_TRUE(storms->commit({{.topic = "t",
                               .partition = 0,
                               .offset = 7,
                               .metadata = R"({"topologyId":"wc-1-17","taskId":3,"threadName":"Thread-14"})"}}));
  std::optional<std::vector<PartitionOffset>> outcome;
  for (int i = 0; i < 100 && !outcome; ++i) outcome = storms->poll(std::chrono::milliseconds(100));
  spout({{"topics", "t"}, {"group", "storms"}, {"until", "end"}});
  keep();
  ASSERT_TRUE(run());
  EXPECT_THAT(seen, ElementsAre("7", "8", "9")) << log.all();
  const auto after = consumer("storms")->committed({{.topic = "t", .partition = 0}}, std::chrono::seconds(10));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->front().offset, 10);
  EXPECT_THAT(after->front().metadata, HasSubstr("\"topologyId\":\"test-7\""));
}

TEST_F(KafkaRun, what_always_fails_goes_to_the_dead_letters_and_the_partition_moves_on) {
  create("t", 1);
  create("dead", 1);
  write("t", numbered(0, 20));
  spout({{"topics", "t"}, {"until", "end"}, {"dead-letter", "dead"}}).retry =
      topology::Retry{.limit = 2, .delay_min_ms = 1, .delay_max_ms = 5};
  std::map<std::string, int> tries;
  bolt([&](const Tuple& tuple, Output& out) {
    ++tries[std::string(tuple.string(0))];
    if (tuple.string(0) == "7") out.fail("seven is not to my taste");
  });
  ASSERT_TRUE(run());
  EXPECT_EQ(tries["7"], 3) << log.all();
  EXPECT_EQ(tries["8"], 1);
  EXPECT_EQ(committed("t"), 20);
  const auto dead = read("dead", 1);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].value, "7");
  EXPECT_EQ(dead[0].key, "key");
  EXPECT_THAT(dead[0].headers.at("sparse-reason"), HasSubstr("seven is not to my taste"));
  EXPECT_EQ(dead[0].headers.at("sparse-topic"), "t");
  EXPECT_EQ(dead[0].headers.at("sparse-offset"), "7");
  EXPECT_EQ(*figures->all().at("in").front().find("dead_letters")->as<std::int64_t>(), 1);
}

TEST_F(KafkaRun, dead_letters_of_every_partition_of_a_task_are_done_when_they_are_delivered) {
  create("t", 3);
  create("dead", 1);
  for (const std::int32_t partition : {0, 1, 2}) write("t", {"x"}, partition);
  spout({{"topics", "t"}, {"until", "end"}, {"dead-letter", "dead"}}).retry =
      topology::Retry{.limit = 0, .delay_min_ms = 1, .delay_max_ms = 1};
  bolt([&](const Tuple&, Output& out) { out.fail("no"); });
  ASSERT_TRUE(run());
  EXPECT_EQ(read("dead", 3).size(), 3u);
  for (const std::int32_t partition : {0, 1, 2}) EXPECT_EQ(committed("t", partition), 1) << log.all();
}

TEST_F(KafkaRun, a_dead_letter_that_cannot_be_written_is_in_the_state_until_it_is) {
  create("t", 1);
  create("dead", 1);
  write("t", {"a", "b"});
  broker->set_topic_error("dead", 3);
  topology::Component& component = spout({{"topics", "t"}, {"until", "end"}, {"dead-letter", "dead"}});
  component.retry = topology::Retry{.limit = 0, .delay_min_ms = 1, .delay_max_ms = 1};
  for (auto& [name, value] : *component.options.as<Value::Map>())
    if (name == "properties")
      value = Value::Map{{"topic.metadata.propagation.max.ms", 500}, {"topic.metadata.refresh.interval.ms", 500}};
  bolt([](const Tuple& tuple, Output& out) {
    if (tuple.string(0) == "a") out.fail("no");
  });
  std::string state;
  ASSERT_TRUE(run([&] {
    const auto all = figures->all();
    const auto told = all.find("in");
    if (told == all.end()) return false;
    const std::string now = *told->second.front().find("state")->as<std::string>();
    if (state.empty() && now.find("UNKNOWN_TOPIC") != now.npos) {
      state = now;
      broker->set_topic_error("dead", 0);
    }
    return false;
  }));
  EXPECT_THAT(state, HasSubstr("DEGRADED: 1 dead letter cannot be written to topic dead")) << log.all();
  EXPECT_THAT(state, HasSubstr("of topic t, partition 0, offset 0"));
  EXPECT_THAT(state, HasSubstr("UNKNOWN_TOPIC"));
  EXPECT_THAT(state, HasSubstr("create it, or correct its name"));
  EXPECT_EQ(read("dead", 1).size(), 1u);
  EXPECT_EQ(committed("t"), 2);
  EXPECT_EQ(*figures->all().at("in").front().find("state")->as<std::string>(), "well");
}

TEST_F(KafkaRun, what_cannot_be_read_in_its_format_is_dead_lettered_with_its_reason) {
  create("t", 1);
  create("dead", 1);
  write("t", {R"({"user":"ann","n":1})", "{broken", "[1]", R"({"user":"bob"})"});
  spout({{"topics", "t"},
         {"until", "end"},
         {"format", "json"},
         {"fields", Value::List{"user", "n", "offset"}},
         {"dead-letter", "dead"}},
        1, {"user", "n", "offset"})
      .retry = topology::Retry{.limit = 0, .delay_min_ms = 1, .delay_max_ms = 1};
  std::vector<std::string> rows;
  bolt([&](const Tuple& tuple, Output&) {
    rows.push_back(std::string(tuple.string(0)) + (tuple[1].is_null() ? " null" : " number") + std::to_string(tuple.integer(2)));
  });
  ASSERT_TRUE(run());
  EXPECT_THAT(rows, ElementsAre("ann number0", "bob null3")) << log.all();
  const auto dead = read("dead", 2);
  ASSERT_EQ(dead.size(), 2u);
  EXPECT_THAT(dead[0].headers.at("sparse-reason"), HasSubstr("no JSON"));
  EXPECT_EQ(committed("t"), 4);
}

TEST_F(KafkaRun, without_dead_letters_the_offset_stays_and_the_others_go_on) {
  create("t", 1);
  write("t", numbered(0, 30));
  spout({{"topics", "t"}}).retry = topology::Retry{.limit = 1, .delay_min_ms = 1, .delay_max_ms = 20};
  std::map<std::string, int> tries;
  bolt([&](const Tuple& tuple, Output& out) {
    const std::lock_guard lock(mutex);
    ++tries[std::string(tuple.string(0))];
    if (tuple.string(0) == "11") out.fail("never");
  });
  ASSERT_TRUE(run([&] {
    const std::lock_guard lock(mutex);
    return tries["11"] > 5 && tries["29"] > 0;
  }));
  EXPECT_EQ(committed("t"), 11) << log.all();
  EXPECT_EQ(log.count("topic t, partition 0 is stuck at offset 11: "), 1u) << log.all();
  const std::string state = *figures->all().at("in").front().find("state")->as<std::string>();
  EXPECT_THAT(state, HasSubstr("topic t, partition 0 is stuck at offset 11: "));
  EXPECT_THAT(state, HasSubstr(" tries of its message failed, the last with: never; 18 later ones were emitted meanwhile"));
  EXPECT_THAT(state, HasSubstr("give the spout a `dead-letter` topic"));
}

TEST_F(KafkaRun, at_most_once_commits_before_it_emits) {
  create("t", 1);
  write("t", numbered(0, 20));
  spout({{"topics", "t"}, {"until", "end"}, {"guarantee", "at-most-once"}});
  std::vector<std::string> got;
  bolt([&](const Tuple& tuple, Output& out) {
    got.emplace_back(tuple.string(0));
    out.fail("it makes no difference");
  });
  ASSERT_TRUE(run());
  EXPECT_EQ(got.size(), 20u) << log.all();
  EXPECT_EQ(committed("t"), 20);
}

TEST_F(KafkaRun, an_offset_that_is_gone_is_said_aloud_and_reading_goes_on) {
  create("t", 1);
  write("t", numbered(0, 5));
  const auto other = consumer();
  ASSERT_TRUE(other->commit({{.topic = "t", .partition = 0, .offset = 1000}}));
  std::optional<std::vector<PartitionOffset>> outcome;
  for (int i = 0; i < 100 && !outcome; ++i) outcome = other->poll(std::chrono::milliseconds(100));
  spout({{"topics", "t"}, {"until", "end"}});
  keep();
  ASSERT_TRUE(run());
  EXPECT_EQ(seen_count(), 5u);
  EXPECT_EQ(log.count("the committed offset is 1000, but the topic ends at 5"), 1u) << log.all();
}

TEST_F(KafkaRun, a_topic_and_partitions_that_come_later_are_followed) {
  spout({{"topics", "late"}, {"refresh-interval", "100ms"}});
  keep();
  broker->set_topic_error("late", 3);
  bool made = false;
  ASSERT_TRUE(run([&] {
    if (!made && log.count("waiting for it") > 0) {
      made = true;
      broker->set_topic_error("late", 0);
      write("late", {"here"});
    }
    return seen_count() > 0;
  }));
  EXPECT_THAT(seen, ElementsAre("here")) << log.all();
}

TEST_F(KafkaRun, brokers_that_fail_for_a_while_lose_nothing) {
  create("t", 1);
  write("t", numbered(0, 100));
  broker->fail_next(Api::fetch, {6, 6, 6});         // not the leader
  broker->fail_next(Api::offset_fetch, {15, 14});   // coordinator not there, loading
  broker->fail_next(Api::offset_commit, {14, 16});  // loading, not the coordinator
  spout({{"topics", "t"}, {"until", "end"}});
  keep();
  ASSERT_TRUE(run());
  const auto expected = numbered(0, 100);
  EXPECT_EQ(seen_set(), std::multiset<std::string>(expected.begin(), expected.end())) << log.all();
  EXPECT_EQ(committed("t"), 100) << log.all();
}

TEST_F(KafkaRun, a_fetch_that_misses_an_offset_which_is_there_goes_on_exactly_there) {
  create("t", 1);
  write("t", numbered(0, 100));
  spout({{"topics", "t"}, {"start", "latest"}});
  std::atomic<bool> written{false};
  keep();
  ASSERT_TRUE(run([&] {
    if (!written && log.count("reading topic t, partition 0 from offset 100") > 0) {
      written = true;
      broker->fail_next(Api::fetch, {1});  // offset out of range
      write("t", numbered(100, 150));
    }
    return seen_count() >= 50;
  }));
  const auto expected = numbered(100, 150);
  EXPECT_EQ(seen_set(), std::multiset<std::string>(expected.begin(), expected.end())) << log.all();
  EXPECT_EQ(log.count("looking for the nearest one that is"), 1u) << log.all();
  EXPECT_EQ(committed("t"), 150);
}

TEST_F(KafkaRun, a_leader_that_moves_is_followed) {
  broker.reset();
  broker = std::move(*EmbeddedBroker::start({}, 3));
  create("t", 1);
  broker->set_leader("t", 0, 1);
  write("t", numbered(0, 10));
  spout({{"topics", "t"}});
  keep();
  std::size_t moves = 0;
  ASSERT_TRUE(run([&] {
    if (seen_count() == 10 * (moves + 1) && moves < 2) {
      broker->set_leader("t", 0, static_cast<std::int32_t>(++moves + 1));
      write("t", numbered(static_cast<int>(10 * moves), static_cast<int>(10 * moves + 10)));
    }
    return seen_count() >= 30;
  }));
  EXPECT_EQ(seen, numbered(0, 30)) << log.all();
  EXPECT_EQ(committed("t"), 30);
}

TEST_F(KafkaRun, a_group_that_is_not_permitted_is_named_with_what_to_do) {
  create("t", 1);
  write("t", {"x"});
  broker->fail_next(Api::offset_fetch, {30, 30});
  spout({{"topics", "t"}, {"group", "mine"}});
  keep();
  ASSERT_TRUE(run([&] { return seen_count() > 0; }));
  EXPECT_GE(log.count("group mine at " + broker->address() + ": the committed offset"), 1u) << log.all();
  EXPECT_GE(log.count("GROUP_AUTHORIZATION_FAILED); sparse keeps trying; ask for the right to it"), 1u) << log.all();
  EXPECT_GE(log.count("all is well again"), 1u) << log.all();
}

TEST_F(KafkaRun, offsets_that_are_not_committed_are_told_of_once_and_committed_later) {
  create("t", 1);
  write("t", numbered(0, 10));
  broker->fail_next(Api::offset_commit, {30, 30, 30, 30});
  spout({{"topics", "t"}});
  keep();
  ASSERT_TRUE(run([&] { return log.count("offsets are committed again") > 0; }));
  EXPECT_EQ(log.count("is not committed yet in group"), 1u) << log.all();
  EXPECT_EQ(committed("t"), 10);
}

TEST_F(KafkaRun, no_more_is_read_than_may_be_uncommitted_even_if_all_of_it_is_done) {
  create("t", 1);
  write("t", numbered(0, 100));
  spout({{"topics", "t"}, {"group", "test"}, {"max-uncommitted", 10}, {"until", "end"}});
  keep();
  broker->fail_next(Api::offset_commit, std::vector<int>(4, 29));
  std::size_t most = 0;
  ASSERT_TRUE(run([&] {
    const std::size_t now = seen_count();
    if (log.count("committed again") == 0) most = std::max(most, now);
    return false;
  }));
  EXPECT_EQ(most, 10u) << log.all();
  EXPECT_EQ(seen_count(), 100u);
  EXPECT_EQ(committed("t"), 100);
}

TEST_F(KafkaRun, a_full_partition_does_not_wait_for_the_time_of_the_next_commit) {
  create("t", 2);
  write("t", numbered(0, 50), 0);
  write("t", numbered(50, 100), 1);
  auto& component = spout({{"topics", "t"}, {"group", "test"}, {"max-uncommitted", 1}, {"until", "end"}});
  for (auto& [name, value] : *component.options.as<Value::Map>())
    if (name == "commit-interval") value = "60m";
  keep();
  ASSERT_TRUE(run());
  EXPECT_EQ(seen_count(), 100u);
  EXPECT_EQ(committed("t", 0), 50);
  EXPECT_EQ(committed("t", 1), 50);
}

TEST_F(KafkaRun, a_run_that_another_has_followed_ends_and_commits_nothing_more) {
  create("t", 1);
  write("t", numbered(0, 10));
  commit_as("t", 0, {.topology_id = "before-1", .attempt = 6});
  spout({{"topics", "t"}, {"group", "test"}});
  keep();
  bool followed = false;
  ASSERT_TRUE(run([&] {
    if (!followed && committed("t") == 10) {
      EXPECT_THAT(metadata("t"), HasSubstr("sparse attempt 7"));
      commit_as("t", 4, {.topology_id = "after-1", .attempt = 8});
      followed = true;
    }
    return false;
  }));
  EXPECT_THAT(failure, HasSubstr("the topology after-1 reads topic t, partition 0 in the group test, too, and began later"));
  EXPECT_THAT(failure, HasSubstr("give one of them a `group` of its own"));
  EXPECT_EQ(committed("t"), 4) << log.all();
}

TEST_F(KafkaRun, what_others_commit_meanwhile_is_replaced_even_if_nothing_comes) {
  create("t", 1);
  write("t", numbered(0, 10));
  spout({{"topics", "t"}, {"group", "test"}});
  keep();
  int step = 0;
  ASSERT_TRUE(run([&] {
    const std::string now = metadata("t");
    if (step == 0 && committed("t") == 10)
      commit_as("t", 3, {.topology_id = "before-1", .attempt = 0}), ++step;
    else if (step == 1 && now.find("test-7") != now.npos)
      commit_as("t", 10, {.topology_id = "tool", .attempt = 1, .asks = true}), ++step;
    else if (step == 2 && now.find("test-7") != now.npos)
      ++step;
    return step == 3;
  }));
  EXPECT_EQ(failure, "");
  EXPECT_EQ(committed("t"), 10) << log.all();
  EXPECT_EQ(log.count("the topology before-1 has committed the offset 3 of topic t, partition 0 in the group test"), 1u)
      << log.all();
  EXPECT_EQ(log.count("the topology tool"), 0u) << "who asks gets an answer, and that is all";
}

TEST_F(KafkaRun, two_spouts_cannot_read_one_partition_in_one_group) {
  create("t", 1);
  write("t", {"x"});
  spout({{"topics", "t"}});
  const Value options = builder.last().options;
  builder.spout("also", {"value"}, 1);
  builder.last().options = options;
  factory.spouts["also"] = factory.spouts["in"];
  keep();
  ASSERT_TRUE(run([&] { return seen_count() > 100; }));
  EXPECT_THAT(failure, testing::HasSubstr("topic t, partition 0 is read by another spout of the group test already"));
  EXPECT_THAT(failure, testing::HasSubstr("give one of them a `group` of its own"));
}

}  // namespace
}  // namespace sparse::kafka
