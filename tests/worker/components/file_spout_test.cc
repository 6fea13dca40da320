// The file spout and its `follow` mode: rounds, parts, replays, and files that change.
#include "worker/components/file_spout.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/fake_task.h"
#include "tests/support/scratch.h"
#include "worker/components/follow_spout.h"

namespace sparse::worker {
namespace {

using test::FakeTask;
using test::Rig;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class T>
std::string open_error(Rig<T>& rig) {
  try {
    rig.open();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

TEST(FileSpout, emits_the_lines_so_often_as_it_is_told_each_with_an_id_of_its_own) {
  const test::Scratch scratch;
  scratch.write("f", "a\nb\n");
  Rig<FileSpout> rig(FakeTask({{"path", "f"}, {"repeat", 3}}));
  rig.task.topology.folder = scratch.folder();
  rig.open();
  EXPECT_EQ(rig.run(), Next::exhausted);
  std::set<std::uint64_t> ids;
  for (const auto& each : rig.out.emitted) ids.insert(each.id.value());
  EXPECT_EQ(ids.size(), 6u);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("a", "b", "a", "b", "a", "b"));
}

TEST(FileSpout, repeats_for_ever_but_not_a_file_without_lines) {
  const test::Scratch scratch;
  Rig<FileSpout> one({{"path", scratch.write("f", "a\n")}, {"repeat", "forever"}});
  one.open();
  EXPECT_EQ(one.run(500), Next::emitted);
  EXPECT_EQ(one.out.emitted.size(), 500u);
  Rig<FileSpout> none({{"path", scratch.write("empty", "")}, {"repeat", "forever"}});
  none.open();
  EXPECT_EQ(none.run(), Next::exhausted);
}

TEST(FileSpout, shares_the_lines_among_its_tasks) {
  const test::Scratch scratch;
  std::string content;
  for (int i = 0; i < 100; ++i) content += std::to_string(i) + "\n";
  const std::string path = scratch.write("f", content);
  std::vector<std::string> joined;
  for (std::uint32_t index = 0; index < 3; ++index) {
    Rig<FileSpout> rig(FakeTask({{"path", path}}, index, 3));
    rig.open();
    rig.run();
    const auto mine = rig.out.take_texts();
    EXPECT_GT(mine.size(), 20u);
    joined.insert(joined.end(), mine.begin(), mine.end());
  }
  ASSERT_EQ(joined.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(joined[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST(FileSpout, emits_a_failed_line_again_under_the_same_id_when_its_time_has_come) {
  const test::Scratch scratch;
  Rig<FileSpout> rig({{"path", scratch.write("f", "a\n\nccc")}, {"repeat", 2}});
  rig.open();
  EXPECT_EQ(rig.run(), Next::exhausted);
  const auto first = rig.out.emitted;
  rig.out.emitted.clear();
  for (const auto& each : first) rig.it.fail(MessageId{*each.id}, "no");
  EXPECT_EQ(rig.it.next(rig.out), Next::idle);
  EXPECT_EQ(rig.out.woken_after, 100 * kMillisecond);
  rig.task.clock.advance(100 * kMillisecond);
  EXPECT_EQ(rig.run(), Next::exhausted);
  EXPECT_EQ(rig.out.emitted, first);
}

TEST(FileSpout, gives_a_line_up_past_the_limit_with_the_last_reason) {
  const test::Scratch scratch;
  Rig<FileSpout> rig(FakeTask({{"path", scratch.write("f", "a\nb\n")}}));
  rig.task.component.retry = topology::Retry{.limit = 0};
  rig.it.attach(rig.host);
  rig.open();
  EXPECT_EQ(rig.run(), Next::exhausted);
  rig.it.fail(MessageId{*rig.out.emitted[1].id}, "thrown");
  EXPECT_EQ(rig.run(), Next::exhausted);
  ASSERT_EQ(rig.task.lost.size(), 1u);
  EXPECT_EQ(rig.task.lost[0].values, Value::List{"b"});
  EXPECT_EQ(rig.task.lost[0].reason, "thrown");
}

TEST(FileSpout, gives_a_line_up_that_the_file_does_not_have_any_more) {
  const test::Scratch scratch;
  Rig<FileSpout> rig({{"path", scratch.write("f", "a\nb\n")}});
  rig.open();
  rig.run();
  std::filesystem::resize_file(scratch.path("f"), 0);
  rig.it.fail(MessageId{*rig.out.emitted[1].id}, "timeout");
  rig.task.clock.advance(kSecond);
  EXPECT_EQ(rig.run(), Next::exhausted);
  ASSERT_EQ(rig.task.lost.size(), 1u);
  EXPECT_THAT(rig.task.lost[0].reason, HasSubstr("the file has changed"));
}

TEST(FileSpout, gives_a_line_up_that_is_too_long_and_goes_on) {
  const test::Scratch scratch;
  Rig<FileSpout> rig(FakeTask({{"path", scratch.write("f", "a\n" + std::string(600'000, 'x') + "\nb\n")}}), 1000);
  rig.open();
  EXPECT_EQ(rig.run(), Next::exhausted);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("a", "b"));
  ASSERT_EQ(rig.task.lost.size(), 1u);
  EXPECT_THAT(rig.task.lost[0].reason, HasSubstr("longer than 1000 bytes"));
}

TEST(FileSpout, ends_with_a_warning_when_the_file_becomes_shorter) {
  const test::Scratch scratch;
  const std::string path = scratch.write("f", std::string(300'000, '\n'));
  Rig<FileSpout> rig({{"path", path}});
  rig.open();
  EXPECT_EQ(rig.it.next(rig.out), Next::emitted);
  std::filesystem::resize_file(path, 10);
  EXPECT_EQ(rig.run(1'000'000), Next::exhausted);
  EXPECT_THAT(rig.task.logged, ElementsAre(HasSubstr("has become shorter")));
}

TEST(FileSpout, refuses_what_is_no_file_and_options_of_wrong_types) {
  const test::Scratch scratch;
  scratch.write("f", "a\n");
  const struct {
    Value::Map options;
    std::string_view sentence;
  } cases[] = {
      {{{"path", "absent"}}, "absent: No such file"},
      {{{"path", "."}}, "it is a folder"},
      {{{"path", "/dev/null"}}, "not a regular file"},
      {{{"path", 7}}, "must be of type string"},
      {{{"path", "f"}, {"repeat", 0}}, "at least 1, or forever"},
      {{{"path", "f"}, {"repeat", "twice"}}, "at least 1, or forever"},
  };
  for (const auto& each : cases) {
    Rig<FileSpout> rig(each.options);
    rig.task.topology.folder = scratch.folder();
    EXPECT_THAT(open_error(rig), HasSubstr(each.sentence));
  }
}

TEST(FollowSpout, emits_lines_as_they_are_written_and_never_ends) {
  const test::Scratch scratch;
  Rig<FollowSpout> rig({{"path", scratch.path("f")}});
  rig.open();
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_THAT(rig.task.logged, ElementsAre(HasSubstr("waiting for the file"))) << "said once";
  scratch.write("f", "a\nb");
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("a"));
  scratch.append("f", "c\n");
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("bc"));
}

TEST(FollowSpout, reads_a_rotated_file_to_its_end_and_then_the_new_one) {
  const test::Scratch scratch;
  Rig<FollowSpout> rig({{"path", scratch.write("f", "a\n")}});
  rig.open();
  rig.run();
  scratch.append("f", "b\nunterminated");
  std::filesystem::rename(scratch.path("f"), scratch.path("f.1"));
  scratch.write("f", "c\n");
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("a", "b", "unterminated", "c"));
}

TEST(FollowSpout, reads_a_truncated_file_from_its_start) {
  const test::Scratch scratch;
  Rig<FollowSpout> rig({{"path", scratch.write("f", "a\nb\n")}});
  rig.open();
  rig.run();
  std::filesystem::resize_file(scratch.path("f"), 0);
  rig.run();
  scratch.append("f", "c\n");
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("a", "b", "c"));
}

TEST(FollowSpout, emits_a_failed_line_again_although_its_file_is_gone) {
  const test::Scratch scratch;
  Rig<FollowSpout> rig({{"path", scratch.write("f", "a\nb\n")}});
  rig.open();
  rig.run();
  std::filesystem::remove(scratch.path("f"));
  rig.it.ack(MessageId{*rig.out.emitted[0].id});
  rig.it.fail(MessageId{*rig.out.emitted[1].id}, "no");
  rig.out.emitted.clear();
  rig.task.clock.advance(kSecond);
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("b"));
}

TEST(FollowSpout, reads_by_its_first_task_alone) {
  const test::Scratch scratch;
  Rig<FollowSpout> second(FakeTask({{"path", scratch.write("f", "a\n")}}, 1, 2));
  second.open();
  EXPECT_EQ(second.run(), Next::exhausted);
}

}  // namespace
}  // namespace sparse::worker
