// Tests of what the verbs of `sparse kafka` decide: offsets, room in the embedded broker, remedies, exit codes.
#include <gmock/gmock.h>

#include "sparse-cli/kafka/connection.h"
#include "sparse-cli/kafka/dead_letter.h"
#include "sparse-cli/kafka/deliveries.h"
#include "sparse-cli/kafka/group_source.h"
#include "sparse-cli/kafka/load_plan.h"
#include "sparse-cli/kafka/positions.h"

namespace sparse::cli {
namespace {

using testing::HasSubstr;

TEST(Offsets, StayInsideThePartition) {
  using Kind = Position::Kind;
  struct Case {
    Position position;
    PartitionEnds ends;
    std::int64_t offset;
  };
  for (const Case& each :
       {Case{{Kind::start}, {0, 5, 20}, 5}, Case{{Kind::end}, {0, 5, 20}, 20}, Case{{Kind::last, 3}, {0, 5, 20}, 17},
        Case{{Kind::last, 100}, {0, 5, 20}, 5}, Case{{Kind::last, 1}, {0, 0, 0}, 0}, Case{{Kind::offset, 7}, {0, 5, 20}, 7},
        Case{{Kind::offset, 2}, {0, 5, 20}, 5}, Case{{Kind::offset, 99}, {0, 5, 20}, 20}})
    EXPECT_EQ(offset_of(each.position, each.ends), each.offset) << each.position.number;
  EXPECT_EQ(clamped_text({Kind::offset, 7}, {0, 5, 20}), "");
  EXPECT_EQ(clamped_text({Kind::last, 70}, {0, 5, 20}), "");
  EXPECT_EQ(clamped_text({Kind::offset, 99}, {3, 5, 20}), "partition 3 has no offset 99: it holds 5 to 20, so 20 is taken");
}

TEST(Partitions, AreAllOrTheOneThatWasAskedFor) {
  EXPECT_THAT(*chosen_partitions("t", 3, {}), testing::ElementsAre(0, 1, 2));
  EXPECT_THAT(*chosen_partitions("t", 3, 2), testing::ElementsAre(2));
  EXPECT_THAT(chosen_partitions("t", 3, 3).error().message, HasSubstr("the partitions 0 to 2, and no 3"));
}

TEST(LoadPlan, GoesRoundAndRefusesWhatDoesNotFit) {
  LoadPlan plan(2);
  EXPECT_EQ(plan.add(100), 0);
  EXPECT_EQ(plan.add(50), 1);
  EXPECT_EQ(plan.add(1), 0);
  EXPECT_EQ(plan.fullest(), 133u);
  EXPECT_EQ(plan.total(), 199u);
  EXPECT_TRUE(plan.check("f", "t"));
  plan.add(5 << 20);
  EXPECT_THAT(plan.check("f", "t").error().message,
              testing::AllOf(HasSubstr("f does not fit into topic t"), HasSubstr("4.0 MiB")));
  LoadPlan even(1);
  for (int i = 0; i < 10; ++i) even.add(1 << 20);
  EXPECT_THAT(even.check("f", "t").error().message, HasSubstr("--topic t:3"));
}

TEST(Errors, ComeWithARemedyAndAnExitCode) {
  const std::pair<const char*, const char*> cases[] = {
      {"127.0.0.1:1/bootstrap: Connect failed: Connection refused (_TRANSPORT)", "that the broker runs"},
      {"SASL authentication error (_AUTHENTICATION)", "sasl.password"},
      {"ssl handshake failed (_SSL)", "security.protocol"},
      {"Failed to resolve 'nowhere:9092' (_RESOLVE)", "the name in -b"}};
  for (const auto& [error, remedy] : cases) EXPECT_THAT(remedy_for(error), HasSubstr(remedy)) << error;
  EXPECT_EQ(remedy_for("something else"), "");
  EXPECT_EQ(exit_code_for("x (_AUTHENTICATION)"), 5);
  EXPECT_EQ(exit_code_for("x (_TRANSPORT)"), 4);
  EXPECT_EQ(bare_error("Kafka: it broke; sparse keeps trying; mend it"), "it broke");
}

TEST(Deliveries, AreCountedByPartitionAndReason) {
  std::vector<std::string> said;
  Deliveries deliveries("line", [&](std::string_view text) { said.emplace_back(text); });
  for (const std::int32_t partition : {0, 1, 1}) deliveries.on_delivery({.partition = partition});
  EXPECT_EQ(deliveries.failures_text(), "");
  const kafka::Failure failure{.code = 10, .text = "not delivered to topic t, partition 1: too large (MSG_SIZE_TOO_LARGE)"};
  for (std::uint64_t number = 4; number < 9; ++number)
    deliveries.on_delivery({.about = Deliveries::about(number), .partition = 1, .failure = failure});
  EXPECT_EQ(deliveries.delivered(), 3u);
  EXPECT_EQ(deliveries.failed(), 5u);
  EXPECT_THAT(deliveries.by_partition(), testing::ElementsAre(testing::Pair(0, 1u), testing::Pair(1, 2u)));
  EXPECT_EQ(said.size(), 3u);
  EXPECT_THAT(said.front(),
              testing::AllOf(testing::StartsWith("line 4: not delivered to topic t"), HasSubstr("message.max.bytes")));
  const std::string reason = "not delivered to topic t: too large (MSG_SIZE_TOO_LARGE)";
  EXPECT_EQ(deliveries.failures_text(), "5 failed: " + reason);
  const std::string other = "not delivered to topic t, partition 12: too large (MSG_SIZE_TOO_LARGE)";
  deliveries.on_delivery({.about = Deliveries::about(9), .partition = 12, .failure = kafka::Failure{.code = 10, .text = other}});
  EXPECT_EQ(said.size(), 3u) << "it is the same reason";
  deliveries.on_delivery({.partition = 0, .failure = kafka::Failure{.code = 1, .text = "not delivered to topic t, partition 1"}});
  EXPECT_EQ(deliveries.failures_text(), "7 failed: 1 time not delivered to topic t; 6 times " + reason);
}

TEST(Properties, AreCheckedWithoutShowingSecrets) {
  const auto error_of = [](const char* word) {
    const auto made = properties_of({.brokers = "b:1", .properties = {word}});
    return made ? std::string("taken") : made.error().message;
  };
  EXPECT_THAT(error_of("ackz=all"), HasSubstr("did you mean \"acks\"?"));
  EXPECT_THAT(error_of("acks"), HasSubstr("NAME=VALUE"));
  EXPECT_EQ(error_of("sasl.password=x"), "taken");
  const auto made = properties_of({.brokers = "b:1", .properties = {"linger.ms=7"}}, {{"linger.ms", "5"}, {"group.id", "g"}});
  EXPECT_EQ(made->at("linger.ms") + made->at("group.id") + made->at("bootstrap.servers"), "7gb:1");
  EXPECT_THAT(properties_of({.brokers = "b:1", .properties_file = "/nowhere/at.all"}).error().message,
              HasSubstr("cannot be read"));
}

TEST(DeadLetters, SayWhereTheyCameFrom) {
  const auto origin = origin_of({{"trace", "7"},
                                 {"sparse-reason", "split: no words"},
                                 {"sparse-topic", "lines"},
                                 {"sparse-partition", "3"},
                                 {"sparse-offset", "99"},
                                 {"sparse-topology", "wc"},
                                 {"sparse-component", "lines"}});
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->topic, "lines");
  EXPECT_EQ(origin->partition, 3);
  EXPECT_EQ(origin->reason, "split: no words");
  ASSERT_EQ(origin->headers.size(), 1u);
  EXPECT_EQ(origin->headers[0].name, "trace");
  EXPECT_EQ(origin_of({{"sparse-topic", "t"}, {"sparse-partition", "3x"}})->partition, -1);
  EXPECT_EQ(origin_of({{"sparse-topic", "a"}, {"sparse-topic", "b"}})->topic, "b");
  EXPECT_FALSE(origin_of({{"trace", "7"}}));
  EXPECT_FALSE(origin_of({{"sparse-topic", std::nullopt}}));
  EXPECT_FALSE(origin_of({}));
}

topology::Component kafka_spout(Value::Map options) {
  topology::Component spout{.id = "lines", .is_spout = true};
  spout.runs.name = "kafka";
  spout.options = Value(std::move(options));
  return spout;
}

TEST(Sources, AreTheKafkaSpoutsOfATopology) {
  topology::Topology topology;
  topology.name = "wc";
  EXPECT_THAT(sources_of(topology, {}).error().message, HasSubstr("has no Kafka spout"));
  topology.components.push_back(
      kafka_spout({{"brokers", Value("b:1")},
                   {"start", Value("@-1h")},
                   {"topics", Value(Value::List{Value("a"), Value("b")})},
                   {"properties", Value(Value::Map{{"fetch.min.bytes", Value(std::int64_t{5})}, {"x-mine", Value("no")}})}}));
  topology.components.push_back(kafka_spout({{"brokers", Value("c:1")}, {"topic", Value("t")}, {"group", Value("g")}}));
  const auto sources = sources_of(topology, {});
  ASSERT_TRUE(sources);
  EXPECT_EQ((*sources)[0].brokers + (*sources)[0].group, "b:1wc");
  EXPECT_THAT((*sources)[0].topics, testing::ElementsAre("a", "b"));
  EXPECT_THAT((*sources)[0].properties, testing::Contains(testing::Pair("fetch.min.bytes", "5")));
  EXPECT_FALSE((*sources)[0].properties.contains("x-mine"));
  EXPECT_EQ((*sources)[1].brokers + (*sources)[1].group, "c:1g");
  EXPECT_EQ((*sources)[0].start + (*sources)[1].start, "@-1h");
  EXPECT_EQ((*sources_of(topology, {.connection = {.brokers = "x:1"}, .group = "h"}))[1].brokers, "x:1");
  topology.components = {kafka_spout({{"brokers", Value("b:1")}, {"topic", Value("t")}, {"start", Value("soonest")}})};
  EXPECT_THAT(sources_of(topology, {}).error().message, HasSubstr("spout \"lines\": `start`"));
  topology.components = {kafka_spout({{"brokers", Value("embedded")}, {"topic", Value("t")}})};
  EXPECT_THAT(sources_of(topology, {}).error().message, HasSubstr("say with -b"));
  EXPECT_EQ((*sources_of(topology, {.connection = {.brokers = "x:1"}}))[0].brokers, "x:1");
}

TEST(Sources, FollowAPattern) {
  const std::vector<kafka::TopicInfo> known = {{.name = "lines-1"}, {.name = "lines-2"}, {.name = "__lines"}, {.name = "other"}};
  EXPECT_THAT(topics_of({.brokers = "b", .group = "g", .pattern = ".*lines.*"}, known),
              testing::ElementsAre("lines-1", "lines-2"));
  EXPECT_THAT(topics_of({.brokers = "b", .group = "g", .topics = {"x"}}, known), testing::ElementsAre("x"));
}

TEST(CommitMetadata, NamesTheTopology) {
  EXPECT_EQ(topology_of(R"({"topologyId":"wc-1-17","taskId":2,"threadName":"x"})"), "wc-1-17");
  for (const char* text : {"", "{}", "[1]", "not json", R"({"topologyId":7})"}) EXPECT_EQ(topology_of(text), "") << text;
}

}  // namespace
}  // namespace sparse::cli
