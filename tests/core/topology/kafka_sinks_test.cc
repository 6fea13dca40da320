// Fields that a Kafka sink names, held against the streams that it subscribes to.
#include "core/topology/kafka_sinks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/topology/load.h"

namespace sparse::topology {
namespace {

std::vector<Diagnostic> told(const std::string& options, const std::string& inputs) {
  const std::string text =
      "name: n\n"
      "spouts:\n"
      "  - {id: a, generate: {values: [[k, v]], fields: [user, text]}}\n"
      "  - {id: b, command: [./b], outputs: {default: [user, count], more: [user, text, 7]}}\n"
      "  - {id: c, kafka: {brokers: x, topics: t, fields: [key, value], guarantee: none}}\n"
      "bolts:\n"
      "  - {id: rest, discard: {}, inputs: {a: shuffle, b: shuffle, c: shuffle}}\n"
      "  - {id: out, kafka: {brokers: x, " +
      options + "}, inputs: {" + inputs + "}}\n";
  return load_from("/t.yaml", {}, {}, [&](const std::string&) -> Result<std::string> { return text; }).diagnostics;
}

TEST(KafkaSinks, a_field_that_an_input_has_not_is_an_error_with_its_place_what_was_meant_and_where_the_fields_are) {
  const auto found = told("topic: t, key: usr", "a: shuffle");
  ASSERT_EQ(found.size(), 1u);
  const Diagnostic& first = found.front();
  EXPECT_EQ(first.severity, Severity::error);
  EXPECT_EQ(first.code, "SP1220");
  EXPECT_EQ(first.line, 8);
  EXPECT_EQ(first.column, 50);
  EXPECT_EQ(first.message,
            "bolt \"out\": `key` names the field \"usr\", but stream a/default has the fields [\"user\", \"text\"]");
  EXPECT_EQ(first.label, "did you mean \"user\"?");
  ASSERT_EQ(first.related.size(), 1u);
  EXPECT_EQ(first.related.front().line, 3);
}

TEST(KafkaSinks, each_option_is_held_against_each_input) {
  struct Case {
    std::string options, inputs;
    std::size_t errors;
  };
  const Case cases[] = {
      {"topic: t", "a: shuffle, b: shuffle", 0},
      {"topic: t, key: user, value: text", "a: shuffle, b/more: shuffle", 0},
      {"topic: t, key: user, value: text", "a: shuffle, b: shuffle", 1},
      {"topic: t, key: user, value: 7", "b/more: shuffle", 0},
      {"topic: t, value: 8", "b/more: shuffle", 1},
      {"topic: t, key: key, value: value", "c: shuffle", 0},
      {"topic: t, headers: headers", "c: shuffle", 1},
      {"topic-field: topic, partition: part", "a: shuffle", 2},
      {"topic-field: user, partition: count, headers: user, key: count, value: user", "b: shuffle", 0},
  };
  for (const Case& each : cases) {
    const auto found = told(each.options, each.inputs);
    EXPECT_EQ(found.size(), each.errors) << each.options << " of " << each.inputs;
    for (const Diagnostic& one : found) EXPECT_EQ(one.code, "SP1220") << one.message;
  }
}

TEST(KafkaSinks, of_what_is_not_known_only_that_is_told) {
  const auto unknown = told("topic: t, key: nothing", "d: shuffle");
  ASSERT_EQ(unknown.size(), 1u);
  EXPECT_EQ(unknown.front().code, "SP1204");
  // Nobody can be asked for the fields of a class here.
  const std::string text =
      "name: n\nspouts: [{id: a, python: mod.A}]\n"
      "bolts: [{id: out, kafka: {brokers: x, topic: t, key: k}, inputs: {a: shuffle}}]\n";
  const auto open = load_from("/t.yaml", {}, {}, [&](const std::string&) -> Result<std::string> { return text; });
  EXPECT_TRUE(open.diagnostics.empty()) << open.text();
}

}  // namespace
}  // namespace sparse::topology
