// Generated values: in turn, so many, and on time.
#include "worker/components/generate_spout.h"

#include <gmock/gmock.h>

#include "tests/support/fake_task.h"

namespace sparse::worker {
namespace {

using test::FakeTask;
using test::Rig;
using testing::ElementsAre;

std::vector<Value::List> rows(const Rig<GenerateSpout>& rig) {
  std::vector<Value::List> found;
  for (const auto& each : rig.out.emitted) found.push_back(each.values);
  return found;
}

TEST(GenerateSpout, emits_values_in_turn_and_ends_after_count) {
  Rig<GenerateSpout> rig({{"values", Value::List{"a", 2, 0.5}}, {"count", 4}});
  rig.open();
  EXPECT_EQ(rig.run(), Next::exhausted);
  EXPECT_THAT(rows(rig), ElementsAre(Value::List{"a"}, Value::List{2}, Value::List{0.5}, Value::List{"a"}));
}

TEST(GenerateSpout, takes_a_list_as_the_fields_of_one_tuple) {
  Rig<GenerateSpout> rig({{"value", Value::List{"a", Value::List{1, 2}, Value::Map{{"k", "v"}}}}, {"count", 2}});
  rig.open();
  EXPECT_EQ(rig.run(), Next::exhausted);
  const Value::List tuple{"a", Value::List{1, 2}, Value::Map{{"k", "v"}}};
  EXPECT_THAT(rows(rig), ElementsAre(tuple, tuple));
}

TEST(GenerateSpout, never_ends_without_a_count) {
  Rig<GenerateSpout> rig(Value::Map{{"value", "x"}});
  rig.open();
  EXPECT_EQ(rig.run(10'000), Next::emitted);
}

TEST(GenerateSpout, says_at_its_end_what_it_would_have_tried_again) {
  Rig<GenerateSpout> rig({{"value", "x"}, {"count", 3}});
  rig.open();
  EXPECT_EQ(rig.run(), Next::exhausted);
  rig.it.close();
  EXPECT_THAT(rig.task.logged, ElementsAre());
  rig.it.fail(MessageId{*rig.out.emitted[1].id}, "no");
  rig.it.close();
  EXPECT_THAT(rig.task.logged, ElementsAre("1 message failed, and the run ends before the next try"));
}

TEST(GenerateSpout, shares_count_and_values_among_its_tasks) {
  std::vector<std::uint64_t> ids;
  for (std::uint32_t index = 0; index < 3; ++index) {
    Rig<GenerateSpout> rig(FakeTask({{"values", Value::List{"a", "b"}}, {"count", 7}}, index, 3));
    rig.open();
    EXPECT_EQ(rig.run(), Next::exhausted);
    for (const auto& each : rig.out.emitted) {
      ids.push_back(*each.id);
      EXPECT_EQ(each.values, Value::List{*each.id % 2 == 0 ? "a" : "b"});
    }
  }
  EXPECT_THAT(ids, testing::UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6));
}

TEST(GenerateSpout, keeps_its_rate_without_drift_and_catches_up_after_a_delay) {
  Rig<GenerateSpout> rig({{"value", "x"}, {"rate", 3}});
  rig.open();
  EXPECT_EQ(rig.run(), Next::idle) << "the first is due at once";
  EXPECT_EQ(rig.out.emitted.size(), 1u);
  EXPECT_EQ(rig.out.woken_after, 333'333'333);
  rig.task.clock.advance(333'333'332);
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_EQ(rig.out.emitted.size(), 1u);
  EXPECT_EQ(rig.out.woken_after, 1);
  rig.task.clock.advance(1 + 1000 * kSecond);
  EXPECT_EQ(rig.run(10'000), Next::idle);
  EXPECT_EQ(rig.out.emitted.size(), 3002u) << "0 s, 1/3 s … 1000 s and 1/3 s";
}

TEST(GenerateSpout, is_patient_with_a_rate_of_less_than_one_in_a_century) {
  Rig<GenerateSpout> rig({{"value", "x"}, {"rate", 1e-14}});
  rig.open();
  EXPECT_EQ(rig.run(100), Next::idle);
  EXPECT_EQ(rig.out.emitted.size(), 1u);
  EXPECT_GT(rig.out.woken_after, 3'000'000'000 * kMillisecond);
}

TEST(GenerateSpout, wakes_for_whatever_comes_first_the_next_value_or_a_replay) {
  Rig<GenerateSpout> rig({{"value", "x"}, {"rate", 1}});
  rig.open();
  rig.run();
  rig.it.fail(MessageId{0}, "no");
  EXPECT_EQ(rig.it.next(rig.out), Next::idle);
  EXPECT_EQ(rig.out.woken_after, 100 * kMillisecond);
  rig.task.clock.advance(100 * kMillisecond);
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_EQ(rig.out.emitted.size(), 2u);
  EXPECT_EQ(rig.out.woken_after, 900 * kMillisecond);
}

TEST(GenerateSpout, emits_nothing_new_while_too_many_wait_for_their_replay) {
  Rig<GenerateSpout> rig(Value::Map{{"value", "x"}});
  rig.open();
  rig.run(10'000);
  for (std::uint64_t id = 0; id < 10'000; ++id) rig.it.fail(MessageId{id}, "no");
  EXPECT_EQ(rig.it.next(rig.out), Next::idle);
  EXPECT_EQ(rig.out.emitted.size(), 10'000u);
}

TEST(GenerateSpout, says_what_is_wrong_with_its_options) {
  const struct {
    Value::Map options;
    std::size_t width;
    std::string_view sentence;
  } cases[] = {
      {{}, 1, "either `value` or `values`"},
      {{{"value", 1}, {"values", Value::List{1}}}, 1, "either `value` or `values`"},
      {{{"values", Value::List{}}, {"rate", 1}}, 1, "at least one value"},
      {{{"values", Value::List{1, Value::List{1, 2}}}, {"rate", 1}}, 1, "a tuple of 2 values for 1 field: name them all"},
      {{{"value", "x"}, {"rate", 1}}, 2, "a tuple of 1 values for 2 fields"},
  };
  for (const auto& each : cases) {
    const auto wrong = check_generate(Value(each.options), each.width);
    ASSERT_TRUE(wrong) << each.sentence;
    EXPECT_THAT(wrong->message, testing::HasSubstr(each.sentence));
  }
  EXPECT_FALSE(check_generate(Value(Value::Map{{"value", Value::List{1, "x"}}}), 2));
  Rig<GenerateSpout> negative({{"value", 1}, {"rate", -1}});
  EXPECT_THROW(negative.open(), std::runtime_error);
}

}  // namespace
}  // namespace sparse::worker
