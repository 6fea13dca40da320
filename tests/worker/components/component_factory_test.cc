// Components of every kind, described and made.
#include "worker/components/component_factory.h"

#include <gmock/gmock.h>

#include "tests/support/scratch.h"
#include "worker/components/python_class.h"

namespace sparse::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using topology::Implementation;

std::unique_ptr<ComponentFactory> factory() {
  return make_component_factory([](const topology::Topology&, const topology::Component& component) -> Result<MadeComponent> {
    return Error{"shell: " + component.id};
  });
}

topology::Component plugin(std::string name, bool is_spout) {
  return {.id = "it",
          .is_spout = is_spout,
          .runs = {.kind = Implementation::Kind::plugin,
                   .file = std::string(SPARSE_TEST_PLUGINS) + "/good_plugin.so",
                   .name = std::move(name)}};
}

topology::Component python(const test::Scratch& scratch, std::string name) {
  return {.id = "it", .runs = {.kind = Implementation::Kind::python, .name = std::move(name)}, .cwd = scratch.folder()};
}

TEST(ComponentFactory, describes_and_makes_what_plugins_have) {
  const auto made = factory()->make({}, plugin("Upper", false));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_NE(made->bolt, nullptr);
  EXPECT_NE(factory()->make({}, plugin("Numbers", true))->spout, nullptr);
  EXPECT_THAT(factory()->describe(plugin("Upper", false))->outputs, ElementsAre("text"));
  EXPECT_THAT(factory()->describe(plugin("Uper", false)).error().message, HasSubstr("did you mean \"Upper\"?"));
}

TEST(ComponentFactory, makes_groupings_of_plugins) {
  auto first = plugin("First", false).runs;
  ASSERT_TRUE(factory()->make_grouping(first));
  first.name = "Frist";
  EXPECT_THAT(factory()->make_grouping(first).error().message, HasSubstr("has no grouping \"Frist\"; did you mean \"First\"?"));
}

TEST(ComponentFactory, makes_built_ins_and_leaves_programs_to_who_can) {
  topology::Component component{.id = "it", .runs = {.name = "discard"}};
  EXPECT_NE(factory()->make({}, component)->bolt, nullptr);
  component.runs.kind = Implementation::Kind::command;
  EXPECT_EQ(factory()->make({}, component).error().message, "shell: it");
  EXPECT_TRUE(factory()->describe(component)->outputs.empty());
}

TEST(ComponentFactory, asks_python_classes_what_they_emit) {
  const test::Scratch scratch;
  scratch.write("mine.py",
                "from sparse_stream import Bolt, Spout, Stream\n"
                "print('hello')\n"
                "class Split(Bolt):\n"
                "    outputs = ['word', Stream(['why'], 'errors')]\n"
                "class Lines(Spout):\n"
                "    outputs = ['line']\n");
  const auto split = factory()->describe(python(scratch, "mine.Split"));
  ASSERT_TRUE(split) << split.error().message;
  EXPECT_THAT(split->outputs, ElementsAre("word"));
  ASSERT_EQ(split->streams.size(), 1u);
  EXPECT_EQ(split->streams[0].name, "errors");
  EXPECT_THAT(split->streams[0].fields, ElementsAre("why"));
  EXPECT_THAT(factory()->describe(python(scratch, "mine.Lines")).error().message,
              HasSubstr("mine.Lines is a spout, and the topology file has it among the bolts"));
  EXPECT_THAT(factory()->describe(python(scratch, "mine.Absent")).error().message, HasSubstr("Absent"));
  EXPECT_THAT(factory()->describe(python(scratch, "absent.Split")).error().message, HasSubstr("absent"));
}

TEST(PythonClass, that_does_not_answer_is_not_waited_for) {
  const test::Scratch scratch;
  scratch.write("mine.py", "import time\ntime.sleep(60)\n");
  const auto found = describe_python(python(scratch, "mine.Split"), *process::make_process_launcher(), SystemClock(), 0);
  EXPECT_THAT(found.error().message,
              HasSubstr("cannot ask the Python class mine.Split what it emits: it has not answered within 0 s"));
}

TEST(PythonClass, is_not_taken_from_an_answer_that_is_none) {
  for (const std::string_view answer :
       {"", "{}", "[1]", R"({"kind": "bolt", "outputs": [1], "streams": []})", R"({"kind": "bolt", "outputs": null})"})
    EXPECT_FALSE(parse_description(answer)) << answer;
}

}  // namespace
}  // namespace sparse::worker
