// Options of Kafka components: defaults, what is refused, and by what name.
#include "worker/kafka/options.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace sparse::kafka {
namespace {

using testing::HasSubstr;

topology::Component component(Value::Map options) { return {.id = "it", .options = Value(std::move(options))}; }

Result<SpoutOptions> spout(Value::Map options) {
  if (std::ranges::find(options, "brokers", [](const auto& each) { return std::string_view(each.first); }) == options.end())
    options.insert(options.begin(), {"brokers", "localhost:9092"});
  return read_spout_options(component(std::move(options)), "words", false);
}

TEST(TopicNames, are_those_that_brokers_take) {
  for (const std::string& name : {std::string("a.b_c-D9"), std::string(249, 'x')}) EXPECT_TRUE(is_topic_name(name)) << name;
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("a b"), std::string("a/"),
                                  std::string("\xc3\xa9"), std::string(250, 'x')})
    EXPECT_FALSE(is_topic_name(name)) << name;
}

TEST(SpoutOptions, have_the_defaults_that_the_documentation_gives) {
  const auto options = spout({{"topics", "lines"}});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->topics, std::vector<std::string>{"lines"});
  EXPECT_EQ(options->group, "words");
  EXPECT_EQ(options->start, Start::uncommitted_earliest);
  EXPECT_EQ(options->guarantee, Guarantee::at_least_once);
  EXPECT_EQ(options->fields, std::vector<std::string>{"value"});
  EXPECT_EQ(options->connection.properties.at("bootstrap.servers"), "localhost:9092");
  EXPECT_EQ(options->connection.properties.at("group.id"), "words");
}

TEST(SpoutOptions, take_all_that_can_be_said) {
  const auto options =
      spout({{"topic", Value::List{"a", "b"}},
             {"group", "g"},
             {"start", "@-1h"},
             {"guarantee", "none"},
             {"format", "json"},
             {"fields", Value::List{"key", "user"}},
             {"commit-interval", "200ms"},
             {"until", "end"},
             {"properties", Value::Map{{"fetch.min.bytes", 10}, {"sasl.password", Value::Map{{"env", "NOT_SET"}}}}}});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->topics.size(), 2u);
  EXPECT_EQ(options->start, Start::timestamp);
  EXPECT_EQ(options->start_at, -3'600'000);
  EXPECT_EQ(options->commit_interval, 200 * kMillisecond);
  EXPECT_TRUE(options->until_end);
  EXPECT_EQ(options->connection.properties.at("fetch.min.bytes"), "10");
  EXPECT_FALSE(options->connection.properties.contains("sasl.password")) << "secrets are resolved where they are used";
}

TEST(SpoutOptions, take_a_dead_letter_topic_that_the_pattern_does_not_match) {
  for (const char* pattern : {"a.", "a-dea", "-dead", "b|c"})
    EXPECT_TRUE(spout({{"pattern", pattern}, {"dead-letter", "a-dead"}})) << pattern;
}

TEST(SpoutOptions, are_wrong_with_a_dead_letter_topic_that_nothing_ever_gets_to) {
  topology::Component endless = component({{"brokers", "b:9092"}, {"topics", "a"}, {"dead-letter", "d"}});
  endless.retry = topology::Retry{.limit = -1};
  const auto options = read_spout_options(endless, "words", false);
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().about, "retry.limit");
  EXPECT_THAT(options.error().message, HasSubstr("give `limit` a number"));
  endless.retry->limit = 0;
  EXPECT_TRUE(read_spout_options(endless, "words", false));
}

TEST(SpoutOptions, say_what_is_wrong_and_which_option_it_is) {
  struct Case {
    Value::Map options;
    std::string about, message;
  };
  const Case cases[] = {
      {{}, "pattern", "either `topics`"},
      {{{"topics", Value::List{"a", "b", "a"}}}, "topics.2", "named twice"},
      {{{"topic", Value::List{"a", "a"}}}, "topic.1", "named twice"},
      {{{"topics", Value::List{"a", "b c"}}}, "topics.1", "cannot be the name of a topic"},
      {{{"topics", "a"}, {"dead-letter", "b/c"}}, "dead-letter", "cannot be the name of a topic"},
      {{{"topics", "a"}, {"dead-letter", "a"}}, "dead-letter", "one of the topics that are read"},
      {{{"pattern", "a.*"}, {"dead-letter", "a-dead"}}, "dead-letter", "`pattern` (a.*) matches the topic \"a-dead\""},
      {{{"topics", "a"}, {"pattern", "b"}}, "pattern", "either `topics`"},
      {{{"pattern", "("}}, "pattern", "no regular expression"},
      {{{"topics", "a"}, {"start", "earlyest"}}, "start", "did you mean \"earliest\"?"},
      {{{"topics", "a"}, {"start", "@soon"}}, "start", "@-90s"},
      {{{"topics", "a"}, {"brokers", "embedded"}, {"start", "@-1h"}}, "start", "does not know when messages came"},
      {{{"topics", "a"}, {"guarantee", "exactly-once"}}, "guarantee", "cannot be \"exactly-once\""},
      {{{"topics", "a"}, {"fields", Value::List{"key", "user"}}}, "fields.1", "no field \"user\""},
      {{{"topics", "a"}, {"guarantee", "none"}, {"dead-letter", "d"}}, "dead-letter", "leave `dead-letter` out"},
      {{{"topics", "a"}, {"properties", Value::Map{{"fetch.min.byte", 1}}}},
       "properties.fetch.min.byte",
       "did you mean \"fetch.min.bytes\"?"},
      {{{"topics", "a"}, {"properties", Value::Map{{"group.id", "g"}}}}, "properties.group.id", "write `group:`"},
      {{{"topics", "a"}, {"commit-interval", "1"}}, "commit-interval", "500ms"},
  };
  for (const Case& each : cases) {
    const auto options = spout(each.options);
    ASSERT_FALSE(options) << each.about;
    EXPECT_EQ(options.error().about, each.about);
    EXPECT_THAT(options.error().message, HasSubstr(each.message));
  }
}

TEST(SpoutOptions, say_all_that_is_wrong) {
  const auto options = spout({{"topics", "a"},
                              {"guarantee", "at-most"},
                              {"start", Value::List{"earliest"}},
                              {"commit-interval", true},
                              {"properties", Value::Map{{"fetch.min.byte", 1}, {"acks", Value::List{}}}}});
  ASSERT_FALSE(options);
  std::vector<std::string> about = {options.error().about};
  for (const Error& other : options.error().others) about.push_back(other.about);
  EXPECT_THAT(about, testing::UnorderedElementsAre("guarantee", "start", "commit-interval", "properties.fetch.min.byte",
                                                   "properties.acks"));
}

TEST(SinkOptions, need_one_topic_and_keep_deliveries_within_the_message_timeout) {
  EXPECT_FALSE(read_sink_options(component({{"brokers", "b"}}), 30'000, false));
  EXPECT_FALSE(read_sink_options(component({{"brokers", "b"}, {"topic", "t"}, {"topic-field", "f"}}), 30'000, false));
  const auto options = read_sink_options(component({{"brokers", "embedded"}, {"topic", "t"}}), 30'000, false);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_TRUE(options->acked);
  EXPECT_TRUE(options->connection.embedded);
  EXPECT_EQ(options->connection.properties.at("message.timeout.ms"), "24000");
}

TEST(Properties, of_the_other_kind_of_client_are_refused_and_aliases_are_meant_too) {
  const auto sink = [](const std::string& name) {
    return read_sink_options(component({{"brokers", "b"}, {"topic", "t"}, {"properties", Value::Map{{name, "1000"}}}}), 0, false);
  };
  const auto consumers = sink("max.partition.fetch.bytes");
  ASSERT_FALSE(consumers);
  EXPECT_EQ(consumers.error().about, "properties.max.partition.fetch.bytes");
  EXPECT_THAT(consumers.error().message, HasSubstr("is for consumers, and a sink is none"));
  EXPECT_TRUE(sink("linger.ms"));
  EXPECT_TRUE(sink("socket.timeout.ms"));
  EXPECT_THAT(sink("max.in.fligth").error().message, HasSubstr("did you mean \"max.in.flight\"?"));
  EXPECT_THAT(sink("delivery.timeout").error().message, HasSubstr("did you mean \"delivery.timeout.ms\"?"));
  const Value producers = Value::Map{{"linger.ms", "1"}};
  const auto reads = spout({{"topics", "a"}, {"properties", producers}});
  ASSERT_FALSE(reads);
  EXPECT_EQ(reads.error().about, "properties.linger.ms");
  EXPECT_THAT(reads.error().message, HasSubstr("a spout without `dead-letter` is none"));
  EXPECT_TRUE(spout({{"topics", "a"}, {"dead-letter", "d"}, {"properties", producers}}));
}

TEST(Properties, are_found_in_what_librdkafka_says_by_any_of_their_names) {
  const std::string message = "`acks` must be set to `all` when `enable.idempotence` is true";
  EXPECT_EQ(property_meant(message, {{"acks", "1"}}), "acks");
  EXPECT_EQ(property_meant(message, {{"request.required.acks", "1"}}), "request.required.acks");
  EXPECT_EQ(property_meant(message, {{"acks", "1"}, {"enable.idempotence", "true"}}), "enable.idempotence") << "the longest name";
  EXPECT_EQ(property_meant(message, {{"linger.ms", "1"}}), "");
  EXPECT_EQ(property_meant("ssl.ca.location failed: no such file", {{"ssl.ca.location", "x"}, {"acks", "1"}}), "ssl.ca.location");
}

TEST(Times, are_before_now_or_milliseconds) {
  EXPECT_EQ(read_time("@-90s"), -90'000);
  EXPECT_EQ(read_time("@1700000000000"), 1'700'000'000'000);
  for (const char* wrong : {"", "@", "@-", "@-1", "@-1w", "@1h", "1h", "@-0s", "@99999999999999999999"})
    EXPECT_FALSE(read_time(wrong)) << wrong;
}

}  // namespace
}  // namespace sparse::kafka
