// A shell bolt and its child: tuples, verdicts, emits, and the words for what goes wrong.
#include "tests/worker/components/shell_rig.h"

namespace sparse::worker {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using Rig = test::ShellRig<ShellBolt>;

TEST(ShellBolt, StartsItsCommandInTheTopologysFolderAndShakesHands) {
  Rig rig;
  rig.open();
  ASSERT_EQ(rig.launcher->commands.size(), 1u);
  EXPECT_THAT(rig.launcher->commands[0].argv, ElementsAre("prog", "arg"));
  EXPECT_EQ(rig.launcher->commands[0].cwd, "/topology");
  EXPECT_THAT(rig.take_written(),
              AllOf(StartsWith("{\"conf\":{"), HasSubstr("\"pidDir\":\"/twin1\""), HasSubstr("\"taskid\":2")));
  EXPECT_TRUE(rig.task.paused);
  rig.say(R"({"pid":5})");
  EXPECT_FALSE(rig.task.paused);
  rig.it.close();
  EXPECT_EQ(rig.launcher->folders, 0);
  EXPECT_TRUE(rig.child().stdin_closed);
}

TEST(ShellBolt, SendsItsInputsAndPassesTheVerdictsOn) {
  Rig rig;
  rig.start();
  rig.out.execute(rig.it, {"a b"});
  rig.out.execute(rig.it, {"c"});
  EXPECT_EQ(rig.take_written(), R"({"id":"1","comp":"lines","stream":"default","task":1,"tuple":["a b"]}|)"
                                R"({"id":"2","comp":"lines","stream":"default","task":1,"tuple":["c"]}|)");
  rig.say(R"({"command":"ack","id":"2"})", R"({"command":"fail","id":1,"reason":"too short"})");
  EXPECT_THAT(rig.out.verdicts, ElementsAre("ack c", "fail a b: too short"));
  rig.out.execute(rig.it, {"d"});
  rig.say(R"({"command":"fail","id":"3"})");
  EXPECT_EQ(rig.out.verdicts.back(), R"(fail d: failed by the child of component "split")");
}

TEST(ShellBolt, TellsHowLongOneInputAtATimeWasWithTheChild) {
  Rig rig;
  rig.start();
  rig.out.execute(rig.it, {"a"});
  rig.out.execute(rig.it, {"b"});
  rig.task.clock.advance(kSecond);
  rig.say(R"({"command":"ack","id":"2"})");
  EXPECT_THAT(rig.task.answered, IsEmpty());
  rig.say(R"({"command":"ack","id":"1"})");
  EXPECT_THAT(rig.task.answered, ElementsAre(std::pair(TaskId{1}, Nanoseconds{kSecond})));
  rig.out.execute(rig.it, {"c"});
  rig.task.clock.advance(kSecond);
  rig.die({.signalled = true, .code = SIGKILL});
  rig.pass_until_restart();
  rig.answer();
  rig.out.execute(rig.it, {"d"});
  rig.task.clock.advance(kMillisecond);
  rig.say(R"({"command":"ack","id":"4"})");
  EXPECT_THAT(rig.task.answered, ElementsAre(testing::_, std::pair(TaskId{1}, Nanoseconds{kMillisecond}))) << "the death is none";
}

TEST(ShellBolt, MakesTheChildsEmitsAnchoredAsTheChildSays) {
  Rig rig;
  rig.start();
  rig.out.execute(rig.it, {"x"});
  rig.out.execute(rig.it, {"y"});
  rig.say(R"({"command":"emit","tuple":["w"],"anchors":["1"],"need_task_ids":false})",
          R"({"command":"emit","tuple":["w"],"anchors":["1","2","1"],"need_task_ids":false})",
          R"({"command":"emit","tuple":["w"],"anchors":"2","need_task_ids":false})",
          R"({"command":"emit","tuple":["w"],"anchors":[],"need_task_ids":false})",
          R"({"command":"emit","tuple":["w"],"stream":"to","task":4,"anchors":[2]})");
  EXPECT_THAT(rig.out.emits,
              ElementsAre("default [w] @x", "default [w] @x @y", "default [w] @y", "default [w]", "to [w] @y to 4"));
  rig.take_written();
  EXPECT_EQ(rig.take_written(), "");
}

TEST(ShellBolt, AnswersTaskIdsOfEmitsThatAskForThemInTheirOrder) {
  Rig rig;
  rig.start();
  rig.out.targets = {{3}, {3, 5}, {}};
  rig.say(R"({"command":"emit","tuple":["a"]})", R"({"command":"emit","tuple":["b"],"need_task_ids":true})",
          R"({"command":"emit","tuple":["b"],"task":0})", R"({"command":"emit","tuple":["b"],"stream":"to","task":4})");
  EXPECT_EQ(rig.take_written(), "[3]|[3,5]|[]|");
}

TEST(ShellBolt, RefusesWrongEmitsByNameFailsTheirInputAndAnswersThem) {
  const struct {
    const char* emit;
    const char* why;
  } cases[] = {
      {R"("stream":"odd","tuple":["w"])",
       R"(component "split" cannot emit on stream "odd", which it does not declare: it declares default, to)"},
      {R"("tuple":["w",1])", "2 values: the stream has 1 fields"},
      {R"("tuple":[NaN])", "a value that cannot be carried: JSON has no value NaN"},
      {R"("tuple":["w"],"task":4)", "directly to a task: it is not declared direct"},
      {R"("tuple":["w"],"stream":"to")", "without naming a task: it is declared direct"},
      {R"("tuple":["w"],"stream":"to","task":3)", R"(its component "count" has no direct input from this stream)"},
      {R"("tuple":["w"],"stream":"to","task":99)", "there is no such task"},
  };
  for (const auto& c : cases) {
    Rig rig;
    rig.start();
    rig.out.execute(rig.it, {"x"});
    rig.take_written();
    rig.say(std::string(R"({"command":"emit","anchors":["1"],)") + c.emit + "}", R"({"command":"ack","id":"1"})");
    EXPECT_THAT(rig.out.emits, IsEmpty());
    EXPECT_THAT(rig.out.verdicts, ElementsAre(AllOf(StartsWith("fail x: "), HasSubstr(c.why)))) << c.emit;
    EXPECT_TRUE(rig.task.logged(c.why)) << c.emit;
    EXPECT_EQ(rig.take_written(), std::string(c.emit).find("task") == std::string::npos ? "[]|" : "") << c.emit;
  }
}

TEST(ShellBolt, CountsAndWarnsOfIdsThatItDoesNotHold) {
  Rig rig;
  rig.start();
  rig.out.execute(rig.it, {"x"});
  rig.say(R"({"command":"ack","id":"1"})", R"({"command":"ack","id":"1"})");
  EXPECT_THAT(rig.out.verdicts, ElementsAre("ack x"));
  EXPECT_TRUE(rig.task.logged("gave a verdict (ack) on the id \"1\", which it does not hold"));
  for (int i = 0; i < 1000; ++i) rig.say(R"({"command":"fail","id":"77"})");
  EXPECT_EQ(rig.task.log.size(), 1u);
  rig.task.clock.advance(11 * kSecond);
  rig.say(R"({"command":"fail","id":{}})");
  EXPECT_THAT(rig.task.log.back(), AllOf(HasSubstr("on the id {}"), HasSubstr("(and 1000 more like this before)")));
  rig.say(R"({"command":"emit","tuple":["w"],"anchors":["1"],"need_task_ids":false})");
  EXPECT_THAT(rig.out.emits, ElementsAre("default [w]"));
  EXPECT_TRUE(rig.task.logged("anchored an emit to the id \"1\""));
}

TEST(ShellBolt, SendsTicksThatMayBeAckedAndAnchored) {
  Rig rig;
  rig.task.topology.config = Value::Map{{"topology.tick.tuple.freq.secs", Value(60)}};
  rig.start();
  rig.it.tick(rig.out);
  EXPECT_EQ(rig.take_written(), R"({"id":"1","comp":"__system","stream":"__tick","task":-1,"tuple":[60]}|)");
  rig.say(R"({"command":"emit","tuple":["w"],"anchors":["1"],"need_task_ids":false})", R"({"command":"ack","id":"1"})",
          R"({"command":"ack","id":"-1"})", R"({"command":"ack","id":null})");
  EXPECT_THAT(rig.out.emits, ElementsAre("default [w]"));
  EXPECT_THAT(rig.task.log, IsEmpty());
}

TEST(ShellBolt, FailsAnInputThatJsonCannotCarryByName) {
  Rig rig;
  rig.start();
  rig.out.execute(rig.it, {"\xff"});
  EXPECT_THAT(rig.out.verdicts,
              ElementsAre(HasSubstr("field 0 cannot be carried to the child: it is text that is not valid UTF-8")));
  EXPECT_EQ(rig.take_written(), "");
  EXPECT_TRUE(rig.task.logged("a tuple of lines/default failed"));
}

TEST(ShellBolt, LogsWhatTheChildSaysByItsLevelAndItsOutput) {
  Rig rig;
  rig.start();
  rig.say(R"({"command":"log","msg":"m","level":3})", R"({"command":"log","msg":"i"})",
          R"({"command":"error","msg":"bad\nvery"})", R"({"command":"dance"})", "hello\n{\"command\":\"sync\"}",
          "again\n{\"command\":\"sync\"}");
  rig.child().complains.push_back("one\ntw");
  rig.it.ready(rig.fd(2), EPOLLIN, rig.out);
  rig.child().complains.push_back("o\n");
  rig.it.ready(rig.fd(2), EPOLLIN, rig.out);
  EXPECT_THAT(rig.task.log, ElementsAre("WARN m", "INFO i", "ERROR error in the child: bad\nvery",
                                        "WARN the child sent an unknown command \"dance\"; ignored",
                                        HasSubstr("WARN the child writes text to its stdout"), "INFO stdout: hello",
                                        "INFO stdout: again", "INFO stderr: one", "INFO stderr: two"));
}

TEST(ShellBolt, PausesItsTaskWhenThePipeIsFullAndGoesOnWhenItIsNot) {
  Rig rig;
  rig.start();
  rig.child().pipe_room = 0;
  const std::string line(10'000, 'x');
  for (int i = 0; i < 6; ++i) rig.out.execute(rig.it, {line});
  EXPECT_FALSE(rig.task.paused);
  rig.out.execute(rig.it, {line});
  EXPECT_TRUE(rig.task.paused);
  rig.take_written();
  EXPECT_FALSE(rig.task.paused);
  EXPECT_FALSE(rig.task.watched.contains(rig.fd(0)));
}

TEST(ShellBolt, PausesItsTaskWhileTheChildHoldsAllThatItMay) {
  Rig rig;
  rig.start();
  for (std::size_t i = 0; i < ChildWindow::kUsual; ++i) rig.out.execute(rig.it, {"x"});
  EXPECT_TRUE(rig.task.paused);
  rig.take_written();
  EXPECT_TRUE(rig.task.paused);
  rig.say(R"({"command":"ack","id":"1"})");
  EXPECT_FALSE(rig.task.paused);
}

TEST(ShellBolt, GivesAChildThatCollectsMoreRoom) {
  Rig rig;
  rig.start();
  for (std::size_t i = 0; i < ChildWindow::kUsual; ++i) rig.out.execute(rig.it, {"x"});
  rig.pass(1500 * kMillisecond);  // a heartbeat
  EXPECT_THAT(rig.take_written(), HasSubstr("__heartbeat"));
  rig.say(R"({"command":"sync"})");
  rig.pass(kSecond);
  EXPECT_FALSE(rig.task.paused);
}

TEST(ShellBolt, GivesTheFinalTupleToAChildThatWantsIt) {
  Rig rig;
  rig.start(R"({"pid":1,"sparse":{"finish":true}})");
  rig.it.finish(rig.out);
  EXPECT_TRUE(rig.task.end_held);
  EXPECT_EQ(rig.take_written(), R"({"id":"1","comp":"__system","stream":"__finish","task":-1,"tuple":[]}|)");
  rig.say(R"({"command":"emit","tuple":["total"],"anchors":["1"],"need_task_ids":false})", R"({"command":"ack","id":"1"})");
  EXPECT_THAT(rig.out.emits, ElementsAre("default [total]"));
  EXPECT_FALSE(rig.task.end_held);
  EXPECT_THAT(rig.task.log, IsEmpty());

  Rig plain;
  plain.start();
  plain.it.finish(plain.out);
  EXPECT_FALSE(plain.task.end_held);
  EXPECT_EQ(plain.take_written(), "");
}

TEST(ShellBolt, CountsAFailedFinalTupleAsAFailureOfTheRun) {
  Rig rig;
  rig.start(R"({"pid":1,"sparse":{"finish":true}})");
  rig.it.finish(rig.out);
  rig.say(R"({"command":"fail","id":"1","reason":"no total"})");
  EXPECT_THAT(rig.task.lost, ElementsAre(HasSubstr("no total")));
  EXPECT_FALSE(rig.task.end_held);
}

TEST(ShellBolt, GivesTheFinalTupleAgainToANewChild) {
  Rig rig;
  rig.start(R"({"pid":1,"sparse":{"finish":true}})");
  rig.it.finish(rig.out);
  rig.die({true, 9});
  EXPECT_TRUE(rig.task.end_held);
  rig.pass(kSecond);
  ASSERT_EQ(rig.launcher->scripts.size(), 2u);
  rig.say(R"({"pid":1,"sparse":{"finish":true}})");
  EXPECT_THAT(rig.take_written(), HasSubstr("__finish"));
}

}  // namespace
}  // namespace sparse::worker
