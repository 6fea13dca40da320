// A shell bolt whose child writes batches: what most tuples lead to comes in columns, and is dealt with in one go.
#include "tests/worker/components/shell_rig.h"

#include "multilang/cpp/batch_protocol.h"

namespace sparse::worker {
namespace {

using namespace std::string_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string i32(std::int32_t number) { return std::string(reinterpret_cast<const char*>(&number), sizeof number); }
std::string list(std::int32_t count, const std::string& items) { return "[" + i32(count) + items; }

/// (7, first, fields, counts, values)
std::string columns(std::int32_t first, std::int32_t fields, const std::string& counts, std::int32_t count,
                    const std::string& values) {
  return ")\5i\7\0\0\0i"s + i32(first) + "i" + i32(fields) + "s" + i32(static_cast<std::int32_t>(counts.size())) + counts +
         list(count, values);
}

class ShellBatches : public testing::Test {
 protected:
  ShellBatches() { rig.start(kAnswer); }
  ~ShellBatches() override { rig.it.close(); }
  void execute(std::initializer_list<const char*> texts) {
    for (const char* text : texts) rig.out.execute(rig.it, {text});
    rig.take_written();
  }
  void say(std::int32_t records, const std::string& payload) {
    std::string frame;
    multilang::append_frame(frame, multilang::FrameKind::records, list(records, payload));
    rig.say_bytes(frame);
  }
  static constexpr const char* kAnswer = R"({"pid":1,"sparse":{"framing":"batch-1"}})";
  test::ShellRig<ShellBolt> rig;
};

TEST_F(ShellBatches, EmitTheRowsOfATupleAtOnceAndAckIt) {
  execute({"x", "y", "z"});
  say(1, columns(1, 1, "\2\0\0\0\1\0"s, 3, "z\1az\1bz\1c"));
  EXPECT_THAT(rig.out.emits, ElementsAre("rows of 1:", "default [a] @x", "default [b] @x", "rows of 1:", "default [c] @z"));
  EXPECT_THAT(rig.out.verdicts, ElementsAre("ack x", "ack y", "ack z"));
  EXPECT_THAT(rig.task.log, IsEmpty());
}

TEST_F(ShellBatches, RefuseRowsOfAWrongNumberOfValuesOneByOne) {
  execute({"x"});
  say(1, columns(1, 2, "\4\0"s, 4, "z\1az\1bz\1cz\1d"));
  EXPECT_THAT(rig.out.emits, IsEmpty());
  EXPECT_THAT(rig.out.verdicts, ElementsAre(AllOf(HasSubstr("fail x: "), HasSubstr("2 values: the stream has 1 fields"))));
}

TEST_F(ShellBatches, FailATupleWithAValueThatCannotBeCarriedButMakeItsOtherEmits) {
  execute({"x", "y"});
  say(1, columns(1, 1, "\3\0\1\0"s, 4, "z\1au\1\0\0\0\xffz\1bz\1c"s));
  EXPECT_THAT(rig.out.emits, ElementsAre("rows of 1:", "default [a] @x", "default [b]", "rows of 1:", "default [c] @y"));
  EXPECT_THAT(rig.out.verdicts, ElementsAre(AllOf(HasSubstr("fail x: "), HasSubstr("text that is not UTF-8")), "ack y"));
}

TEST_F(ShellBatches, KeepToTheFirstVerdictWhenWhatGetsTheRowsFails) {
  execute({"x", "y"});
  rig.out.fails_next_emit = true;
  say(1, columns(1, 1, "\1\0\1\0"s, 2, "z\1az\1b"));
  EXPECT_THAT(rig.out.verdicts, ElementsAre("fail x: what got it failed", "ack y"));
  execute({"z"});
  rig.out.fails_next_emit = true;
  say(3, "i\3\0\0\0"s + list(1, "z\1c") + "N");
  EXPECT_THAT(rig.out.verdicts, ElementsAre("fail x: what got it failed", "ack y", "fail z: what got it failed"));
  EXPECT_THAT(rig.task.log, IsEmpty());
}

TEST_F(ShellBatches, WarnOfColumnsForTuplesThatTheChildDoesNotHold) {
  execute({"x"});
  say(1, columns(9, 1, "\1\0"s, 1, "z\1a"));
  EXPECT_THAT(rig.out.emits, ElementsAre("default [a]"));
  EXPECT_TRUE(rig.task.logged("anchored an emit to the id 9"));
  EXPECT_TRUE(rig.task.logged("gave a verdict (ack) on the id 9"));
  EXPECT_THAT(rig.out.verdicts, IsEmpty());
}

TEST_F(ShellBatches, DealWithMoreRowsThanAreReadAtOnce) {
  execute({"x", "y"});
  std::string values;
  for (int i = 0; i < 3000; ++i) values += "z\1w";
  say(1, columns(1, 1, "\xb8\x0b\0\0"s, 3000, values));
  EXPECT_EQ(std::count(rig.out.emits.begin(), rig.out.emits.end(), "default [w] @x"), 3000);
  EXPECT_THAT(rig.out.verdicts, ElementsAre("ack x", "ack y"));
}

TEST_F(ShellBatches, MakeTheEmitsThatStandBeforeBytesThatCannotBeRead) {
  execute({"x", "y"});
  say(1, columns(1, 1, "\2\0\1\0"s, 3, "z\1ac"));
  EXPECT_THAT(rig.out.emits, ElementsAre("rows of 1:", "default [a] @x"));
  EXPECT_THAT(rig.out.verdicts, SizeIs(2));
  EXPECT_THAT(rig.out.verdicts[0], AllOf(HasSubstr("fail x: "), HasSubstr("a value has the unknown type 0x63")));
}

TEST_F(ShellBatches, ReadEveryKindOfScalarAndReferencesInRows) {
  execute({"x"});
  say(1, columns(1, 1, "\7\0"s, 7, "\xfa\1wNTi\5\0\0\0r\0\0\0\0u\3\0\0\0o\xc3\xabl\3\0\0\0\0\0\0\0\1\0"s));
  EXPECT_THAT(rig.out.emits, ElementsAre("rows of 1:", "default [w] @x", "default [null] @x", "default [boolean] @x",
                                         "default [5] @x", "default [w] @x", "default [oë] @x", "default [1073741824] @x"));
  EXPECT_THAT(rig.out.verdicts, ElementsAre("ack x"));
}

TEST_F(ShellBatches, GetMoreRoomAsSoonAsTheyHaveShownThatTheyUseIt) {
  for (std::int32_t i = 1; i <= 200; ++i) {
    rig.out.execute(rig.it, {"x"});
    rig.take_written();
    say(1, columns(i, 1, "\0\0"s, 0, ""));
  }
  rig.pass(150 * kMillisecond);
  for (std::size_t i = 0; i < ChildWindow::kBatched - 1; ++i) rig.out.execute(rig.it, {"x"});
  rig.take_written();
  EXPECT_FALSE(rig.task.paused);
  rig.out.execute(rig.it, {"x"});
  rig.take_written();
  EXPECT_TRUE(rig.task.paused);
}

TEST(ShellBatchesAtStart, WriteWhatCameBeforeTheChildWasUpInItsFraming) {
  test::ShellRig<ShellBolt> rig;
  rig.open();
  rig.out.execute(rig.it, {"early"});
  rig.out.execute(rig.it, {"\xff"});
  rig.say(R"({"pid":1,"sparse":{"framing":"batch-1"}})");
  EXPECT_THAT(rig.take_written(), HasSubstr("z\5early"));
  EXPECT_THAT(rig.out.verdicts, ElementsAre(AllOf(HasSubstr("fail \xff: "), HasSubstr("not UTF-8"))));
  std::string frame;
  multilang::append_frame(frame, multilang::FrameKind::records, list(1, columns(1, 1, "\0\0"s, 0, "")));
  rig.say_bytes(frame);
  EXPECT_THAT(rig.out.verdicts.back(), "ack early");
  rig.it.close();
}

TEST(ShellBatchesAtStart, FailWhatCameBeforeAChildThatNeverCameUp) {
  test::ShellRig<ShellBolt> rig;
  rig.open();
  rig.out.execute(rig.it, {"early"});
  rig.die({false, 1});
  EXPECT_THAT(rig.out.verdicts, ElementsAre(HasSubstr("fail early: the child of component \"split\" died")));
  rig.it.close();
}

}  // namespace
}  // namespace sparse::worker
