// The bolts of wordcount.so, as the loader makes them.
#include <gmock/gmock.h>

#include "tests/support/fake_task.h"
#include "worker/components/plugin_loader.h"

namespace sparse::worker {
namespace {

using test::FakeTask;
using testing::ElementsAre;

struct Loaded {
  explicit Loaded(std::string_view name, Value::Map options = {}) : task(std::move(options)) {
    const auto plugin = loader.load(SPARSE_TEST_WORDCOUNT);
    if (!plugin) throw std::runtime_error(plugin.error().message);
    bolt = (*find_class(**plugin, name, false))->make_bolt();
    bolt->open(context);
  }
  void take(std::string_view text) { bolt->execute(test::TupleOf({text}, out), out); }

  PluginLoader loader;
  FakeTask task;
  test::FakeContext context{task};
  test::RecordingOutput out;
  std::unique_ptr<Bolt> bolt;
};

TEST(WordCount, splits_at_white_space_and_leaves_words_as_they_stand) {
  Loaded split("Split");
  split.take("  The cow, the\tCOW\r");
  split.take("");
  split.take("grün \xff x");
  EXPECT_THAT(split.out.take_texts(), ElementsAre("The", "cow,", "the", "COW", "grün", "\xff", "x"));
}

std::vector<Value::List> counted(std::int64_t top) {
  Loaded count("Count", {{"top", top}, {"unused", nullptr}});
  for (const std::string_view word : words("b a c a b d a e")) count.take(word);
  EXPECT_THAT(count.out.emitted, testing::IsEmpty());
  count.bolt->finish(count.out);
  std::vector<Value::List> rows;
  for (const auto& each : count.out.emitted) rows.push_back(each.values);
  return rows;
}

TEST(WordCount, emits_the_most_frequent_words_at_the_end_equal_ones_by_name) {
  EXPECT_THAT(counted(3), ElementsAre(Value::List{"a", 3}, Value::List{"b", 2}, Value::List{"c", 1}));
  EXPECT_EQ(counted(20).size(), 5u);
  EXPECT_EQ(counted(0).size(), 5u) << "all words";
}

TEST(WordCount, counts_more_words_than_fit_into_a_first_table) {
  Loaded count("Count", {{"top", 0}, {"unused", nullptr}});
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 10'000; ++i) count.take("word" + std::to_string(i));
  count.bolt->finish(count.out);
  ASSERT_EQ(count.out.emitted.size(), 10'000u);
  for (const auto& each : count.out.emitted) EXPECT_EQ(each.values.at(1), Value(3));
}

TEST(WordCount, emits_each_word_with_its_count_as_often_as_it_comes) {
  Loaded count("RunningCount");
  for (const std::string_view word : words("b a b b")) count.take(word);
  std::vector<Value::List> rows;
  for (const auto& each : count.out.emitted) rows.push_back(each.values);
  EXPECT_THAT(rows, ElementsAre(Value::List{"b", 1}, Value::List{"a", 1}, Value::List{"b", 2}, Value::List{"b", 3}));
}

}  // namespace
}  // namespace sparse::worker
