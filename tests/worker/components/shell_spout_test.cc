// A shell spout and its child: one command at a time.
#include "tests/worker/components/shell_rig.h"

namespace sparse::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Rig = test::ShellRig<ShellSpout>;

void start(Rig& rig) {
  rig.open();
  rig.say(R"({"pid":1})");
  EXPECT_THAT(rig.take_written(), testing::EndsWith(R"({"command":"activate","id":""}|)"));
  EXPECT_EQ(rig.it.next(rig.out), Next::idle);
  EXPECT_EQ(rig.take_written(), "");
  rig.say(R"({"command":"sync"})");
  EXPECT_GT(rig.task.woken, 0);
}

TEST(ShellSpout, ActivatesFirstAndAsksOneCommandAtATime) {
  Rig rig;
  start(rig);
  rig.it.next(rig.out);
  rig.it.next(rig.out);
  EXPECT_EQ(rig.take_written(), R"({"command":"next","id":""}|)");
  rig.say(R"({"command":"emit","tuple":["a"],"id":{"n": 1},"need_task_ids":false})",
          R"({"command":"emit","tuple":["b"],"id":"x"})", R"({"command":"emit","tuple":["c"],"need_task_ids":false})");
  EXPECT_THAT(rig.out.emits, ElementsAre("default [a] id 1", "default [b] id 2", "default [c] anchored"));
  EXPECT_EQ(rig.take_written(), "[7]|");
  rig.it.ack(MessageId{1});
  rig.it.fail(MessageId{2}, "timeout");
  EXPECT_EQ(rig.take_written(), "");
  rig.say(R"({"command":"sync"})");
  EXPECT_EQ(rig.take_written(), "{\"command\":\"ack\",\"id\":{\"n\": 1}}|");
  rig.say(R"({"command":"sync"})");
  EXPECT_EQ(rig.take_written(), R"({"command":"fail","id":"x"}|)");
  const int before = rig.task.woken;
  rig.say(R"({"command":"sync"})");
  EXPECT_EQ(rig.task.woken, before + 1);
  EXPECT_EQ(rig.it.next(rig.out), Next::emitted);
}

TEST(ShellSpout, IsIdleAfterANextWithoutAnEmit) {
  Rig rig;
  start(rig);
  const int before = rig.task.woken;
  EXPECT_EQ(rig.it.next(rig.out), Next::idle);
  rig.say(R"({"command":"sync"})");
  EXPECT_EQ(rig.task.woken, before);
  EXPECT_EQ(rig.it.next(rig.out), Next::idle);
}

TEST(ShellSpout, IsExhaustedWhenTheChildSaysSoUntilSomethingFails) {
  Rig rig;
  start(rig);
  rig.it.next(rig.out);
  rig.say(R"({"command":"emit","tuple":["a"],"id":1,"need_task_ids":false})", R"({"command":"sync","exhausted":true})");
  EXPECT_EQ(rig.it.next(rig.out), Next::exhausted);
  rig.it.fail(MessageId{1}, "x");
  rig.say(R"({"command":"sync","exhausted":true})");
  rig.take_written();
  rig.it.next(rig.out);
  EXPECT_EQ(rig.take_written(), R"({"command":"next","id":""}|)");
  rig.say(R"({"command":"sync","exhausted":true})");
  EXPECT_EQ(rig.it.next(rig.out), Next::exhausted);
}

TEST(ShellSpout, DeactivatesAndActivates) {
  Rig rig;
  start(rig);
  rig.it.activate();
  EXPECT_EQ(rig.take_written(), "");
  rig.it.deactivate();
  EXPECT_EQ(rig.take_written(), R"({"command":"deactivate","id":""}|)");
  rig.it.activate();
  rig.say(R"({"command":"sync"})");
  EXPECT_EQ(rig.take_written(), R"({"command":"activate","id":""}|)");
}

TEST(ShellSpout, FailsTheIdOfAnEmitThatIsRefused) {
  Rig rig;
  start(rig);
  rig.it.next(rig.out);
  rig.take_written();
  rig.say(R"({"command":"emit","tuple":["a"],"id":5,"stream":"odd"})");
  EXPECT_EQ(rig.take_written(), "[]|");
  rig.say(R"({"command":"sync"})");
  EXPECT_EQ(rig.take_written(), R"({"command":"fail","id":5}|)");
  EXPECT_TRUE(rig.task.logged("component \"lines\" cannot emit on stream \"odd\""));
}

TEST(ShellSpout, ForgetsWhatItsDeadChildHadEmitted) {
  Rig rig;
  start(rig);
  rig.it.next(rig.out);
  rig.say(R"({"command":"emit","tuple":["a"],"id":5,"need_task_ids":false})");
  rig.die({false, 0});
  EXPECT_TRUE(rig.task.logged("exit code 0; 1 pending message ids are forgotten"));
  rig.pass(kSecond);
  rig.say(R"({"pid":1})", R"({"command":"sync"})");
  rig.take_written();
  rig.it.ack(MessageId{1});
  EXPECT_EQ(rig.take_written(), "");
  rig.it.next(rig.out);
  EXPECT_EQ(rig.take_written(), R"({"command":"next","id":""}|)");
}

TEST(ShellSpout, IsKilledIfItDoesNotAnswerACommandAndLeftAloneIfItWasNotAsked) {
  Rig rig;
  start(rig);
  rig.pass(300 * kSecond);
  EXPECT_EQ(rig.take_written(), "");
  EXPECT_FALSE(rig.child().killed);
  rig.it.next(rig.out);
  rig.pass(32 * kSecond);
  EXPECT_TRUE(rig.launcher->scripts[0]->killed);
  EXPECT_TRUE(rig.task.logged("it said nothing for 30.0 s"));
}

}  // namespace
}  // namespace sparse::worker
