// Built-ins by name: outputs, options, and what is said of wrong ones.
#include "worker/components/builtin_table.h"

#include <gmock/gmock.h>

namespace sparse::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

topology::Component component(bool is_spout, std::string key, Value::Map options = {}) {
  return {.id = "it", .is_spout = is_spout, .runs = {.name = std::move(key)}, .options = Value(std::move(options))};
}

TEST(Builtins, are_all_made_in_their_role) {
  for (const Builtin& builtin : builtins()) {
    Value::Map options;
    for (const std::string& name : builtin.required) options.emplace_back(name, "x");
    const auto made = make_builtin(component(builtin.is_spout, builtin.key, options), std::make_shared<StdoutSink>(1));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->spout != nullptr, builtin.is_spout) << builtin.key;
    EXPECT_EQ(made->bolt != nullptr, !builtin.is_spout) << builtin.key;
  }
}

TEST(Builtins, say_what_they_emit) {
  EXPECT_THAT(describe_builtin(component(true, "file", {{"path", "f"}}))->outputs, ElementsAre("line"));
  EXPECT_THAT(describe_builtin(component(true, "generate", {{"value", 1}}))->outputs, ElementsAre("value"));
  EXPECT_THAT(
      describe_builtin(component(true, "generate", {{"value", Value::List{1, 2}}, {"fields", Value::List{"a", "b"}}}))->outputs,
      ElementsAre("a", "b"));
  auto declared = component(true, "generate", {{"values", Value::List{Value::List{1, 2}}}});
  declared.outputs = {{.name = "default", .fields = {"x", "y"}}};
  EXPECT_THAT(describe_builtin(declared)->outputs, ElementsAre("x", "y"));
  EXPECT_TRUE(describe_builtin(component(false, "print"))->outputs.empty());
}

TEST(Builtins, refuse_unknown_names_and_options_with_the_nearest_right_word) {
  const struct {
    topology::Component component;
    std::string_view sentence;
  } cases[] = {
      {component(true, "fiel", {{"path", "f"}}), "there is no built-in spout \"fiel\"; did you mean \"file\"?"},
      {component(false, "elephant"), "there are print, log, file, discard"},
      {component(true, "file", {{"path", "f"}, {"repaet", 2}}),
       "the file spout has no option \"repaet\": did you mean \"repeat\"?"},
      {component(true, "file", {{"path", "f"}, {"colour", 2}}), "it takes path, repeat, follow"},
      {component(true, "file"), "the file spout needs the option \"path\""},
      {component(false, "print", {{"x", 1}}), "the print bolt has no option \"x\": it takes none"},
      {component(true, "generate", {{"value", Value::List{1, 2}}}), "a tuple of 2 values for 1 fields"},
  };
  for (const auto& each : cases) {
    const auto spec = describe_builtin(each.component);
    ASSERT_FALSE(spec) << each.sentence;
    EXPECT_THAT(spec.error().message, HasSubstr(each.sentence));
    EXPECT_THAT(spec.error().message, testing::StartsWith("component \"it\": "));
  }
}

}  // namespace
}  // namespace sparse::worker
