// The Kafka sink on the engine: records, acks on delivery, and what is not delivered.
#include <gmock/gmock.h>

#include "tests/worker/kafka/kafka_run.h"
#include "worker/kafka/embedded_quota.h"

namespace sparse::kafka {
namespace {

using testing::HasSubstr;

TEST_F(KafkaRun, from_topic_to_topic_each_message_arrives_and_is_committed) {
  create("from", 2);
  create("to", 1);
  for (int partition = 0; partition < 2; ++partition) write("from", numbered(partition * 500, partition * 500 + 500), partition);
  spout({{"topics", "from"}, {"until", "end"}, {"fields", Value::List{"key", "value"}}}, 2, {"key", "value"});
  sink({{"topic", "to"}, {"key", "key"}, {"value", "value"}}, "in");
  ASSERT_TRUE(run());
  const auto written = read("to", 1000);
  std::multiset<std::string> values;
  for (const Read& each : written) {
    values.insert(each.value);
    EXPECT_EQ(each.key, "key");
  }
  const auto expected = numbered(0, 1000);
  EXPECT_EQ(values, std::multiset<std::string>(expected.begin(), expected.end())) << log.all();
  EXPECT_EQ(committed("from", 0), 500);
  EXPECT_EQ(committed("from", 1), 500);
  EXPECT_EQ(*figures->all().at("out").front().find("delivered")->as<std::int64_t>(), 1000);
}

TEST_F(KafkaRun, a_delivery_that_fails_fails_the_tree_and_is_tried_again) {
  create("from", 1);
  create("to", 1);
  write("from", numbered(0, 10));
  broker->fail_next(Api::produce, {10});  // too large, for the brokers alone
  spout({{"topics", "from"}, {"until", "end"}}).retry = topology::Retry{.limit = 1, .delay_min_ms = 1, .delay_max_ms = 10};
  sink({{"topic", "to"}}, "in");
  ASSERT_TRUE(run());
  std::set<std::string> values;
  for (const Read& each : read("to", 10)) values.insert(each.value);
  const auto expected = numbered(0, 10);
  EXPECT_EQ(values, std::set<std::string>(expected.begin(), expected.end())) << log.all();
  EXPECT_GE(log.count("not delivered to topic to, partition 0"), 1u) << log.all();
  EXPECT_EQ(committed("from"), 10);
}

TEST_F(KafkaRun, a_producer_that_broke_is_replaced_and_nothing_is_lost) {
  create("from", 1);
  create("to", 1);
  write("from", numbered(0, 2000));
  broker->fail_next(Api::produce, {45});  // a sequence number is missing: fatal for an idempotent producer
  spout({{"topics", "from"}, {"until", "end"}});
  sink({{"topic", "to"}}, "in");
  ASSERT_TRUE(run());
  EXPECT_GE(log.count("fatal"), 1u) << log.all();
  std::set<std::string> values;
  for (const Read& each : read("to", 2000)) values.insert(each.value);
  const auto expected = numbered(0, 2000);
  EXPECT_EQ(values, std::set<std::string>(expected.begin(), expected.end())) << log.all();
  EXPECT_EQ(committed("from"), 2000);
}

TEST_F(KafkaRun, tuples_that_wait_for_room_in_the_producer_keep_their_order) {
  create("from", 1);
  create("to", 1);
  write("from", numbered(0, 2000));
  spout({{"topics", "from"}, {"until", "end"}});
  sink({{"topic", "to"}, {"properties", Value::Map{{"queue.buffering.max.messages", 7}}}}, "in");
  ASSERT_TRUE(run());
  std::vector<std::string> values;
  for (const Read& each : read("to", 2000)) values.push_back(each.value);
  EXPECT_EQ(values, numbered(0, 2000)) << log.all();
  EXPECT_EQ(committed("from"), 2000);
}

TEST_F(KafkaRun, nothing_is_held_for_a_sink_that_guarantees_nothing_but_all_is_flushed) {
  create("from", 1);
  create("to", 1);
  write("from", numbered(0, 300));
  spout({{"topics", "from"}, {"until", "end"}});
  sink({{"topic", "to"}, {"guarantee", "none"}}, "in");
  builder.last().manual_ack = false;
  ASSERT_TRUE(run());
  EXPECT_EQ(read("to", 300).size(), 300u) << log.all();
}

TEST_F(KafkaRun, a_tuple_that_makes_no_record_fails_by_name) {
  create("from", 1);
  write("from", {"x"});
  spout({{"topics", "from"}});
  sink({{"topic", "to"}, {"key", "user"}}, "in");
  ASSERT_TRUE(run([&] { return log.count("no field \"user\"") > 0; }));
  EXPECT_EQ(committed("from"), 0);
}

TEST_F(KafkaRun, what_a_producer_tells_before_a_task_joins_is_heard) {
  const auto hub = ProducerHub::create({{"bootstrap.servers", "127.0.0.1:1"}}, nullptr);
  ASSERT_TRUE(hub);
  const auto heard = [&] {
    const std::shared_ptr<Deliveries> member =
        (*hub)->join([this](Level level, std::string_view text) { log.write({.level = level, .text = std::string(text)}); });
    (*hub)->leave(member);
    return log.count("refused");
  };
  for (int i = 0; i < 100 && heard() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_GE(log.count("refused"), 1u) << log.all();
}

TEST_F(KafkaRun, each_record_goes_to_the_topic_of_its_field_and_what_names_none_fails) {
  create("from", 1);
  create("good", 1);
  create("other", 1);
  write("from", {"", "good", "bad/name", "good", "", "other", "bad/name", "good"});
  spout({{"topics", "from"}}).retry = topology::Retry{.limit = -1, .delay_min_ms = 60'000, .delay_max_ms = 60'000};
  sink({{"topic-field", "value"}}, "in");
  const auto figure = [&](std::string_view name) {
    const auto all = figures->all();
    const auto found = all.find("out");
    return found == all.end() ? 0 : *found->second.front().find(name)->as<std::int64_t>();
  };
  ASSERT_TRUE(run([&] { return figure("delivered") + figure("failed") >= 8; }));
  EXPECT_EQ(figure("delivered"), 4) << log.all();
  EXPECT_EQ(figure("failed"), 4) << log.all();
  EXPECT_EQ(read("good", 3).size(), 3u);
  EXPECT_EQ(read("other", 1).size(), 1u);
  EXPECT_GE(log.count("names no topic: it is \"\""), 1u) << log.all();
}

TEST_F(KafkaRun, a_partition_without_a_leader_is_named_and_written_to_when_it_has_one) {
  create("from", 1);
  create("to", 1);
  write("from", numbered(0, 10));
  broker->set_leader("to", 0, -1);
  spout({{"topics", "from"}, {"until", "end"}});
  sink({{"topic", "to"}}, "in");
  bool led = false;
  ASSERT_TRUE(run([&] {
    if (!led && log.count("topic to, partition 0 cannot be written at " + broker->address() + ": no broker leads it") > 0) {
      broker->set_leader("to", 0, 1);
      led = true;
    }
    return false;
  }));
  EXPECT_TRUE(led) << log.all();
  EXPECT_EQ(log.count("it comes back by itself when a broker takes over; sparse keeps trying"), 1u) << log.all();
  EXPECT_EQ(read("to", 10).size(), 10u);
  EXPECT_EQ(*figures->all().at("out").front().find("state")->as<std::string>(), "well");
}

TEST(Clients, are_tried_before_a_run_by_what_librdkafka_itself_refuses) {
  ::setenv("SPARSE_TEST_MECHANISM", "no-such-thing", 1);
  ::unsetenv("SPARSE_TEST_UNSET");
  struct Case {
    bool is_spout;
    Value::Map properties;
    std::string about, message;
  };
  const Value set = Value::Map{{"env", "SPARSE_TEST_MECHANISM"}}, unset = Value::Map{{"env", "SPARSE_TEST_UNSET"}};
  const Case cases[] = {
      {false, {}, "", ""},
      {true, {}, "", ""},
      {false, {{"acks", 1}}, "properties.acks", "`acks` must be set to `all` when `enable.idempotence` is true"},
      {false, {{"acks", 1}, {"enable.idempotence", false}}, "", ""},
      {true, {{"dead-letter", true}, {"acks", 1}}, "properties.acks", "`acks` must be set to"},
      {false, {{"max.in.flight", 6}}, "properties.max.in.flight", "max.in.flight"},
      {true,
       {{"security.protocol", "SSL"}, {"ssl.ca.location", "/not/there.pem"}},
       "properties.ssl.ca.location",
       "it is \"/not/there.pem\""},
      {true, {{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanism", "PLAIN"}}, "properties", "sasl.username"},
      {true, {{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanism", set}}, "properties", "SASL mechanism: ***"},
      {true, {{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanism", "PLAIN"}, {"sasl.username", unset}}, "", ""},
  };
  Clients clients(1);
  for (const Case& each : cases) {
    topology::Component component{.id = "it", .is_spout = each.is_spout};
    Value::Map properties = each.properties;
    Value::Map options = {{"brokers", "127.0.0.1:1"}, {"topic", "t"}};
    if (!properties.empty() && properties.front().first == "dead-letter") {
      options.emplace_back("dead-letter", "d");
      properties.erase(properties.begin());
    }
    options.emplace_back("properties", Value(std::move(properties)));
    component.options = Value(std::move(options));
    const auto wrong = clients.check(component);
    EXPECT_EQ(wrong.has_value(), !each.message.empty()) << (wrong ? wrong->message : each.message);
    if (!wrong) continue;
    EXPECT_EQ(wrong->about, each.about) << wrong->message;
    EXPECT_THAT(wrong->message, HasSubstr(each.message));
    EXPECT_EQ(wrong->message.find("no-such-thing"), std::string::npos) << wrong->message;
  }
}

TEST(EmbeddedQuota, refuses_what_the_mock_would_drop) {
  EmbeddedQuota quota(1000);
  EXPECT_TRUE(quota.take("t", 476));
  EXPECT_TRUE(quota.take("t", 476));
  EXPECT_FALSE(quota.take("t", 1)) << "both may go to one partition";
  quota.delivered("t", 0, 476, false);
  quota.delivered("t", 1, 476, false);
  EXPECT_TRUE(quota.take("t", 400));
  quota.failed("t", 400);
  EXPECT_TRUE(quota.take("t", 400)) << "what was not delivered takes no room";
  EXPECT_TRUE(quota.take("other", 900));
  quota.overflowed("third");
  EXPECT_FALSE(quota.take("third", 1)) << "others have filled it";
}

TEST(EmbeddedQuota, counts_the_head_of_each_batch) {
  EmbeddedQuota quota(1000);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(quota.take("t", 6)) << i;
    quota.delivered("t", 0, 6, true);
  }
  EXPECT_FALSE(quota.take("t", 50));
}

}  // namespace
}  // namespace sparse::kafka
