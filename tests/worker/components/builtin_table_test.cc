// Every built-in that a topology file may name is made, in its role.
#include "worker/components/builtin_table.h"

#include <gmock/gmock.h>

#include "core/topology/builtins.h"

namespace sparse::worker {
namespace {

topology::Component component(bool is_spout, std::string_view name, Value::Map options = {}) {
  return {.id = "it", .is_spout = is_spout, .runs = {.name = std::string(name)}, .options = Value(std::move(options))};
}

TEST(Builtins, are_all_made_in_their_role) {
  for (const topology::Builtin& builtin : topology::builtins()) {
    const auto made = make_builtin(component(builtin.is_spout, builtin.name), {.sink = std::make_shared<StdoutSink>(1)});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->spout != nullptr, builtin.is_spout) << builtin.name;
    EXPECT_EQ(made->bolt != nullptr, !builtin.is_spout) << builtin.name;
  }
}

TEST(Builtins, that_are_unknown_are_refused) {
  EXPECT_EQ(make_builtin(component(true, "pulsar"), {}).error().message, "this version of sparse has no pulsar spout");
  EXPECT_EQ(check_builtin(component(false, "pulsar"))->message, "this version of sparse has no pulsar bolt");
}

TEST(Builtins, that_wait_for_deliveries_ack_by_themselves) {
  EXPECT_TRUE(acks_by_itself(component(false, "kafka", {{"brokers", "b"}, {"topic", "t"}})));
  EXPECT_FALSE(acks_by_itself(component(false, "kafka", {{"brokers", "b"}, {"topic", "t"}, {"guarantee", "none"}})));
  EXPECT_FALSE(acks_by_itself(component(false, "print")));
}

TEST(Builtins, are_checked_before_they_run) {
  EXPECT_FALSE(check_builtin(component(false, "print")));
  EXPECT_FALSE(check_builtin(component(true, "file", {{"path", "f"}, {"repeat", 2}})));
  EXPECT_THAT(check_builtin(component(true, "file", {{"follow", true}, {"repeat", 2}}))->message,
              testing::HasSubstr("repeated or followed"));
  EXPECT_EQ(check_builtin(component(true, "kafka", {{"brokers", "b"}, {"topics", "t"}, {"start", "soon"}}))->about, "start");
  EXPECT_FALSE(check_builtin(component(false, "kafka", {{"brokers", "b"}, {"topic", "t"}})));
  EXPECT_TRUE(check_builtin(component(true, "generate", {{"value", Value::List{1, 2}}, {"count", 1}})));
  EXPECT_FALSE(check_builtin(component(true, "generate", {{"value", Value::List{1, 2}}, {"fields", Value::List{"a", "b"}}})));
}

}  // namespace
}  // namespace sparse::worker
