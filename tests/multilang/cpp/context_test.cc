// Topologies in, handshakes out.
#include "multilang/cpp/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "multilang/cpp/json_writer.h"

namespace sparse::multilang {
namespace {

using topology::GroupingKind;

topology::Topology words() {
  topology::Topology topology;
  topology.name = "words";
  topology.components.push_back(
      {.id = "lines", .is_spout = true, .outputs = {{.fields = {"line"}}, {.name = "odd", .fields = {"line", "size"}}}});
  topology.components.push_back({.id = "split", .outputs = {{.fields = {"word"}}}, .inputs = {{.component = "lines"}}});
  topology.components.push_back(
      {.id = "count",
       .inputs = {{.component = "split", .grouping = {.kind = GroupingKind::fields, .fields = {"word"}}},
                  {.component = "__system", .stream = "__tick", .grouping = {.kind = GroupingKind::all}}}});
  return topology;
}

TEST(ShellContext, IsTheBytesThatChildrenAreWrittenFor) {
  topology::Topology topology = words();
  topology.components[0].outputs.pop_back();
  topology.components[2].inputs.pop_back();
  const std::vector<std::string_view> tasks = {"", "lines", "split", "count", "count"};
  const auto json = handshake_json({topology, topology.components[1], 2, tasks, "/dir"});
  ASSERT_TRUE(json);
  EXPECT_EQ(*json, R"({"conf":{"topology.name":"words","sparse.options":{}},"pidDir":"/dir","context":{)"
                   R"("task->component":{"1":"lines","2":"split","3":"count","4":"count"},)"
                   R"("taskid":2,"componentid":"split","streams":["default"],"stream->outputfields":{"default":["word"]},)"
                   R"("stream->target->grouping":{"default":{"count":{"type":"FIELDS","fields":["word"]}}},)"
                   R"("source->stream->grouping":{"lines":{"default":{"type":"SHUFFLE"}}},)"
                   R"("source->stream->fields":{"lines":{"default":["line"]}}}})");
}

TEST(ShellContext, HasAllStreamsOfASourceAndTheTicks) {
  const topology::Topology topology = words();
  const std::vector<std::string_view> tasks = {"", "lines", "split", "count"};
  std::string split, count;
  ASSERT_EQ(append_value(split, *shell_context({topology, topology.components[1], 2, tasks, ""}).find("source->stream->fields")),
            "");
  EXPECT_EQ(split, R"({"lines":{"default":["line"],"odd":["line","size"]}})");
  const Value context = shell_context({topology, topology.components[2], 3, tasks, ""});
  ASSERT_EQ(append_value(count, *context.find("source->stream->grouping")), "");
  EXPECT_EQ(count, R"({"split":{"default":{"type":"FIELDS","fields":["word"]}},"__system":{"__tick":{"type":"ALL"}}})");
}

TEST(ShellContext, SpellsGroupingsAsStormDoes) {
  const struct {
    GroupingKind kind;
    const char* json;
  } cases[] = {
      {GroupingKind::shuffle, R"({"type":"SHUFFLE"})"},
      {GroupingKind::all, R"({"type":"ALL"})"},
      {GroupingKind::global, R"({"type":"FIELDS","fields":[]})"},
      {GroupingKind::none, R"({"type":"NONE"})"},
      {GroupingKind::direct, R"({"type":"DIRECT"})"},
      {GroupingKind::local_or_shuffle, R"({"type":"LOCAL_OR_SHUFFLE"})"},
      {GroupingKind::partial_key, R"({"type":"CUSTOM_OBJECT"})"},
      {GroupingKind::custom, R"({"type":"CUSTOM_OBJECT"})"},
  };
  for (const auto& c : cases) {
    topology::Topology topology = words();
    topology.components[1].inputs[0].grouping.kind = c.kind;
    const std::vector<std::string_view> tasks;
    std::string json;
    ASSERT_EQ(
        append_value(json, *shell_context({topology, topology.components[1], 2, tasks, ""}).find("source->stream->grouping")),
        "");
    EXPECT_EQ(json, R"({"lines":{"default":)" + std::string(c.json) + "}}");
  }
}

TEST(Handshake, HasTheOptionsAndTheComponentsOwnConfiguration) {
  topology::Topology topology = words();
  topology.config = Value::Map{{"topology.name", Value("given")}, {"own.key", Value(1)}};
  topology.components[1].config = Value::Map{{"own.key", Value(2)}};
  topology.components[1].options = Value::Map{{"top", Value(10)}};
  const std::vector<std::string_view> tasks;
  const auto json = handshake_json({topology, topology.components[1], 2, tasks, "/d"});
  ASSERT_TRUE(json);
  EXPECT_THAT(*json,
              testing::StartsWith(R"({"conf":{"topology.name":"given","own.key":2,"sparse.options":{"top":10}},"pidDir":"/d",)"));
}

TEST(Handshake, NamesTheKeyWhoseValueJsonCannotCarry) {
  topology::Topology topology = words();
  topology.config = Value::Map{{"own.key", Value(std::numeric_limits<double>::infinity())}};
  const auto json = handshake_json({topology, topology.components[1], 2, {}, ""});
  ASSERT_FALSE(json);
  EXPECT_THAT(json.error().message, testing::HasSubstr("\"own.key\""));
}

}  // namespace
}  // namespace sparse::multilang
