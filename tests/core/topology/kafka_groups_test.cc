// Two Kafka spouts of one group: which of them would commit over each other.
#include "core/topology/kafka_groups.h"

#include <gtest/gtest.h>

#include "core/topology/load.h"

namespace sparse::topology {
namespace {

struct Told {
  std::size_t errors = 0, warnings = 0;
  Diagnostic first = {};
};

Told told(const std::string& one, const std::string& other) {
  const std::string text = "name: n\nspouts:\n  - {id: a, dead-letter: d, kafka: {" + one +
                           "}}\n  - {id: b, dead-letter: d, kafka: {" + other +
                           "}}\nbolts: [{id: c, discard: {}, inputs: {a: shuffle, b: shuffle}}]\n";
  const LoadResult result = load_from("/t.yaml", {}, {}, [&](const std::string&) -> Result<std::string> { return text; });
  Told found;
  for (const Diagnostic& each : result.diagnostics) {
    EXPECT_EQ(each.code, "SP1219") << result.text();
    if (found.errors + found.warnings == 0) found.first = each;
    ++(each.severity == Severity::error ? found.errors : found.warnings);
  }
  return found;
}

TEST(KafkaGroups, two_spouts_that_read_the_same_topic_in_one_group_are_an_error_with_its_place_and_a_remedy) {
  const Told found = told("brokers: \"b:1,c:2\", topics: [x, y]", "brokers: \"d:3,C:2\", topics: [z, y, x]");
  EXPECT_EQ(found.errors, 1u) << "once for a pair";
  EXPECT_EQ(found.warnings, 0u);
  EXPECT_EQ(found.first.line, 4);
  EXPECT_EQ(found.first.column, 69);
  EXPECT_NE(found.first.message.find("topic \"y\" in the group \"n\""), std::string::npos) << found.first.message;
  ASSERT_EQ(found.first.related.size(), 1u);
  EXPECT_EQ(found.first.related[0].line, 3);
  EXPECT_EQ(found.first.related[0].column, 69);
  ASSERT_EQ(found.first.help.size(), 1u);
  EXPECT_NE(found.first.help[0].find("group: n-b"), std::string::npos);
}

TEST(KafkaGroups, what_is_sure_is_an_error_what_may_be_a_warning_and_nothing_else_is_told) {
  struct Case {
    std::string one, other;
    std::size_t errors, warnings;
  };
  const Case cases[] = {
      {"brokers: b, topics: x", "brokers: b, topics: x", 1, 0},
      {"brokers: b, topics: x", "brokers: \"b:9092\", topic: x", 1, 0},
      {"brokers: b, topics: x", "brokers: \"plaintext://b:9092\", topic: x, properties: {fetch.min.bytes: 2}", 1, 0},
      {"brokers: embedded, topics: x", "brokers: embedded, topics: x", 1, 0},
      {"brokers: b, group: n, topics: x", "brokers: b, topics: x", 1, 0},
      {"brokers: b, topics: 7", "brokers: b, topics: [7]", 1, 0},
      {"brokers: b, topics: x1", "brokers: b, pattern: \"x.*\"", 1, 0},
      {"brokers: b, pattern: \"x.*\"", "brokers: b, topics: [y, x1]", 1, 0},
      {"brokers: b, pattern: \"x.*\"", "brokers: b, pattern: \"x.*\"", 1, 0},
      {"brokers: b, pattern: \"x.*\"", "brokers: b, pattern: \"y.*\"", 0, 1},
      {"brokers: b, topics: x", "brokers: c, topics: x", 0, 1},
      {"brokers: b, topics: x1", "brokers: c, pattern: \"x.*\"", 0, 1},
      {"brokers: embedded, topics: x", "brokers: b, topics: x", 0, 0},
      {"brokers: b, topics: x", "brokers: b, topics: y", 0, 0},
      {"brokers: b, topics: x", "brokers: b, topics: x, group: other", 0, 0},
      {"brokers: b, topics: xy", "brokers: b, pattern: x", 0, 0},
      {"brokers: b, topics: __x", "brokers: b, pattern: \".*\"", 0, 0},
      {"brokers: b, pattern: \"x.*\"", "brokers: c, pattern: \"y.*\"", 0, 0},
  };
  for (const Case& each : cases) {
    const Told found = told(each.one, each.other);
    EXPECT_EQ(found.errors, each.errors) << each.one << " | " << each.other;
    EXPECT_EQ(found.warnings, each.warnings) << each.one << " | " << each.other;
  }
}

TEST(KafkaGroups, no_pattern_takes_long) {
  const std::string topic(200, 'a');
  EXPECT_EQ(told("brokers: b, topics: " + topic, "brokers: b, pattern: \"(a*)*(a|aa)*b\"").errors, 0u);
}

}  // namespace
}  // namespace sparse::topology
