// What classes declare of themselves, secrets, options of the command line, and renderings.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/topology/graph.h"
#include "core/topology/load.h"
#include "core/topology/values.h"

namespace sparse::topology {
namespace {

LoadResult loaded(const std::string& text, const LoadOptions& options = {}, const Describe& describe = {}) {
  return load_from("/some/t.yaml", options, describe, [&](const std::string& path) -> Result<std::string> {
    if (path == "/some/t.yaml") return text;
    return Error{"cannot read " + path};
  });
}

std::string first_message(const LoadResult& result) {
  return result.diagnostics.empty() ? "" : result.diagnostics.front().message;
}

Describe declares(ComponentSpec spec) {
  return [spec](const Component&) -> Result<ComponentSpec> { return spec; };
}

const std::string kClass =
    "spouts: [{id: s, python: m.S, outputs: [line]}]\nbolts: [{id: b, plugin: p.so/B, inputs: {s: shuffle}, outputs: {default: "
    "[word], "
    "more: [x]}}]\n";

TEST(Resolve, FillsInWhatClassesDeclare) {
  const Describe describe = [](const Component& component) -> Result<ComponentSpec> {
    if (component.id == "s")
      return ComponentSpec{.outputs = {"line"}, .streams = {{"errors", {"reason"}, true}}, .blocking = true};
    return ComponentSpec{.manual_ack = true, .pinned = true};
  };
  const LoadResult result = loaded(
      "spouts: [{id: s, python: m.S}]\nbolts: [{id: b, plugin: p.so/B, inputs: {s: shuffle, s/errors: direct}}]\n", {}, describe);
  ASSERT_TRUE(result.topology) << result.text();
  const Component& spout = result.topology->components[0];
  ASSERT_EQ(spout.outputs.size(), 2u);
  EXPECT_EQ(spout.outputs[0].fields, std::vector<std::string>{"line"});
  EXPECT_EQ(spout.outputs[1].name, "errors");
  EXPECT_TRUE(spout.outputs[1].direct);
  EXPECT_TRUE(spout.blocking);
  EXPECT_TRUE(result.topology->components[1].manual_ack);
  EXPECT_TRUE(result.topology->components[1].pinned);
}

TEST(Resolve, FindsContradictionsBetweenFileAndClass) {
  EXPECT_EQ(first_message(loaded(kClass, {}, declares({}))), "");
  EXPECT_EQ(first_message(loaded(kClass, {}, declares({.outputs = {"line"}}))),
            "bolt \"b\": the file gives stream \"default\" the fields [\"word\"], but the class B declares [\"line\"]");
  const Describe direct = [](const Component& component) -> Result<ComponentSpec> {
    return component.id == "b" ? ComponentSpec{.streams = {{"more", {"x"}, true}}} : ComponentSpec{};
  };
  EXPECT_EQ(first_message(loaded(kClass, {}, direct)),
            "bolt \"b\": stream \"more\" is not direct in the file, but direct to the class B");
}

TEST(Resolve, ReportsClassesThatCannotBeAskedAndNothingThatFollows) {
  const Describe fails = [](const Component& component) -> Result<ComponentSpec> {
    return Error{"no module named " + component.runs.name};
  };
  const LoadResult result = loaded(
      "spouts: [{id: s, python: m.S}]\nbolts: [{id: b, print: {}, inputs: {s/other: {fields: [x]}}}]\n", {},
      [&](const Component& component) { return component.is_spout ? fails(component) : Result<ComponentSpec>(ComponentSpec{}); });
  ASSERT_EQ(result.diagnostics.size(), 1u) << result.text();
  EXPECT_EQ(result.diagnostics[0].message, "spout \"s\": no module named m.S");
  EXPECT_FALSE(result.topology);
}

TEST(Resolve, CapsParallelismAsStormDoes) {
  const LoadResult result = loaded(
      "config: {topology.max.task.parallelism: 3}\nspouts: [{id: s, stdin: {}, parallelism: 5}]\nbolts: [{id: b, print: {}, "
      "inputs: {s: shuffle}}]\n");
  ASSERT_TRUE(result.topology);
  EXPECT_EQ(result.topology->components[0].parallelism, 3u);
  EXPECT_EQ(first_message(result), "spout \"s\" gets 3 tasks instead of 5: `topology.max.task.parallelism` allows no more");
}

const std::string kSmall =
    "name: ${name}\nconfig: {topology.workers: 1}\nspouts: [{id: s, stdin: {}}]\nbolts: [{id: b, print: {}, inputs: {s: "
    "shuffle}}]\n";

TEST(Load, TakesWhatTheCommandLineSaysOverTheFile) {
  const LoadResult result =
      loaded(kSmall, {.variables = {{"name", "from-variable"}}, .config = {{"topology.workers", "4"}, {"mine", "[a, {b: 2}]"}}});
  ASSERT_TRUE(result.topology) << result.text();
  EXPECT_EQ(result.topology->name, "from-variable");
  EXPECT_EQ(config_integer(*result.topology, nullptr, "topology.workers", 0), 4);
  EXPECT_EQ(result.topology->config.find("mine")->as<Value::List>()->size(), 2u);
  EXPECT_EQ(loaded(kSmall, {.variables = {{"name", "x"}}, .name = "given"}).topology->name, "given");
  EXPECT_EQ(first_message(loaded(kSmall, {.variables = {{"name", "x"}}, .config = {{"topology.workers", "two"}}})),
            "`topology.workers` is a whole number, 1 or more, found the text \"two\"");
  const std::string timeout = "topology.message.timeout.secs";
  EXPECT_TRUE(loaded(kSmall, {.variables = {{"name", "x"}}, .config = {{timeout, "2147483647"}}}).topology);
  EXPECT_EQ(first_message(loaded(kSmall, {.variables = {{"name", "x"}}, .config = {{timeout, "9300000000"}}})),
            "`topology.message.timeout.secs` is a whole number, 1 or more, and at most 2147483647, found the number 9300000000");
  EXPECT_EQ(first_message(loaded(kSmall, {.variables = {{"name", "x"}}, .config = {{"a", "yes"}}})),
            "some YAML readers take `yes` for a boolean and others for text");
  EXPECT_EQ(first_message(loaded(kSmall, {.filter_files = {"/none.properties"}})), "cannot read /none.properties");
}

TEST(Load, NamesAreHeldToTheirRule) {
  for (const char* name : {"a b", "-a", "", "a/b", "é"})
    EXPECT_FALSE(loaded(kSmall, {.variables = {{"name", "x"}}, .name = name}).topology) << name;
  EXPECT_FALSE(loaded(kSmall, {.variables = {{"name", "x"}}, .name = std::string(129, 'a')}).topology);
  EXPECT_TRUE(loaded(kSmall, {.variables = {{"name", "x"}}, .name = std::string(128, 'a')}).topology);
}

TEST(Load, IncludesInACircleAreAnError) {
  const auto read = [](const std::string& path) -> Result<std::string> {
    if (path == "/d/a.yaml") return std::string("includes: [b.yaml]\n");
    if (path == "/d/b.yaml") return std::string("includes: [{file: ../d/a.yaml}]\n");
    if (path == "/d/self.yaml") return std::string("includes: [self.yaml]\n");
    return Error{"cannot read " + path};
  };
  EXPECT_NE(load_from("/d/a.yaml", {}, {}, read).text().find("the files include each other in a circle\n --> /d/b.yaml:1:19"),
            std::string::npos);
  EXPECT_NE(load_from("/d/self.yaml", {}, {}, read).text().find("the file includes itself"), std::string::npos);
  // Each file includes another one, without end.
  int files = 0;
  const auto endless = [&](const std::string&) -> Result<std::string> {
    return "includes: [n" + std::to_string(++files) + ".yaml]\n";
  };
  EXPECT_NE(load_from("/d/a.yaml", {}, {}, endless).text().find("a topology has more than 100 files"), std::string::npos);
}

TEST(Secrets, StayReferencesUntilTheyAreUsed) {
  const std::string file = testing::TempDir() + "sparse_secret_test";
  std::ofstream(file) << "from file\n";
  ::setenv("SPARSE_SECRET_TEST", "from environment", 1);
  const LoadResult result = loaded(
      "spouts: [{id: s, stdin: {}}]\nbolts: [{id: b, command: c, inputs: {s: shuffle}, with: {a: {env: SPARSE_SECRET_TEST}, b: "
      "[{file: " +
      file + "}], c: {env: X, more: 1}, d: {file: rel}}}]\n");
  ASSERT_TRUE(result.topology) << result.text();
  Value options = result.topology->components[1].options;
  EXPECT_EQ(to_json(*result.topology, false).find("from environment"), std::string::npos);
  EXPECT_EQ(*options.find("d")->find("file"), Value("/some/rel"));
  const auto error = resolve_secrets(options);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "the secret {file: /some/rel} cannot be resolved: cannot read /some/rel: No such file or directory");
  EXPECT_EQ(*options.find("a"), Value("from environment"));
  EXPECT_EQ(options.find("b")->as<Value::List>()->front(), Value("from file"));
  EXPECT_EQ(*options.find("c")->find("env"), Value("X"));
}

TEST(Graph, IsDrawnInMermaidAndDot) {
  const LoadResult result = loaded(
      "name: g\nspouts: [{id: end, file: {path: x}, parallelism: 2, dead-letter: log}]\nbolts:\n  - {id: log, log: {}, inputs: "
      "{end: {fields: [line]}, __system/__tick: all}, config: {topology.tick.tuple.freq.secs: 1}}\n");
  ASSERT_TRUE(result.topology) << result.text();
  EXPECT_EQ(to_mermaid(*result.topology),
            "flowchart LR\n  n0([\"end x2\"])\n  n1[\"log\"]\n  system{{\"__system\"}}\n  n0 -.->|\"dead-letter\"| n1\n"
            "  n0 -->|\"fields line\"| n1\n  system -->|\"__tick: all\"| n1\n");
  EXPECT_EQ(
      to_dot(*result.topology),
      "digraph \"g\" {\n  rankdir=LR;\n  node [shape=box];\n  n0 [label=\"end x2\", shape=ellipse];\n  n1 [label=\"log\"];\n"
      "  system [label=\"__system\", shape=diamond];\n  n0 -> n1 [label=\"dead-letter\", style=dashed];\n"
      "  n0 -> n1 [label=\"fields line\"];\n  system -> n1 [label=\"__tick: all\"];\n}\n");
}

}  // namespace
}  // namespace sparse::topology
