// The life of a shell component's child: silence, lost framing, death, and how it comes back.
#include "tests/worker/components/shell_rig.h"

namespace sparse::worker {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Rig = test::ShellRig<ShellBolt>;

TEST(ShellLife, FailsWhatADeadChildHeldAtOnceAndSaysWhyInOneLine) {
  Rig rig;
  rig.start();
  rig.out.execute(rig.it, {"x"});
  rig.child().complains.push_back("Traceback\nValueError: no\n");
  rig.child().says.push_back("{\"command\":\"emit\",\"tuple\":[\"last\"],\"need_task_ids\":false}\nend\n{\"comm");
  rig.die({false, 1});
  EXPECT_THAT(rig.out.emits, ElementsAre("default [last]"));
  EXPECT_THAT(
      rig.out.verdicts,
      ElementsAre(
          "fail x: the child of component \"split\" died: exit code 1; last lines on stderr: Traceback | ValueError: no"));
  EXPECT_THAT(
      rig.task.log.back(),
      AllOf(StartsWith("ERROR child 1001 (prog arg) died: exit code 1; 1 tuple in flight failed; restart in 0.1 s; last lines on "
                       "stderr: Traceback | ValueError: no")));
  EXPECT_FALSE(rig.task.logged("stdout:"));
  EXPECT_TRUE(rig.task.paused);
  EXPECT_TRUE(rig.task.watched.empty());
  rig.pass(200 * kMillisecond);
  ASSERT_EQ(rig.launcher->scripts.size(), 2u);
  EXPECT_THAT(rig.take_written(), StartsWith("{\"conf\""));
  rig.out.execute(rig.it, {"y"});
  rig.say("{\"pid\":2}");
  EXPECT_FALSE(rig.task.paused);
  EXPECT_THAT(rig.take_written(), HasSubstr("[\"y\"]"));
}

TEST(ShellLife, SendsAHeartbeatEachSilentSecondAndKillsAChildThatDoesNotAnswer) {
  Rig rig;
  rig.start();
  rig.pass(1100 * kMillisecond);
  EXPECT_EQ(rig.take_written(), R"({"id":"-1","comp":null,"stream":"__heartbeat","task":-1,"tuple":[]}|)");
  rig.pass(5 * kSecond);
  EXPECT_EQ(rig.take_written(), "");  // one is enough
  rig.say(R"({"command":"sync"})");
  rig.pass(2 * kSecond);
  EXPECT_THAT(rig.take_written(), HasSubstr("__heartbeat"));
  rig.out.execute(rig.it, {"x"});
  rig.pass(40 * kSecond);
  EXPECT_TRUE(rig.launcher->scripts[0]->killed);
  EXPECT_THAT(rig.out.verdicts, ElementsAre(HasSubstr("it said nothing for 30.0 s while an answer was due")));
}

TEST(ShellLife, HearsWhatCameWhileTheLoopWasAway) {
  Rig rig;
  rig.start();
  rig.pass(2 * kSecond);
  rig.child().says.push_back("{\"command\":\"sync\"}\nend\n");
  rig.task.clock.advance(100 * kSecond);
  rig.pass(0);
  EXPECT_FALSE(rig.child().killed);
}

TEST(ShellLife, TakesTheTimeOfSilenceFromTheConfiguration) {
  Rig rig;
  rig.task.topology.config =
      Value::Map{{"supervisor.worker.timeout.secs", Value(50)}, {"topology.subprocess.timeout.secs", Value(3)}};
  rig.start();
  rig.pass(5500 * kMillisecond);
  EXPECT_TRUE(rig.task.logged("it said nothing for 3.0 s"));
}

TEST(ShellLife, KillsAChildThatDoesNotAnswerTheHandshake) {
  Rig rig;
  rig.open();
  rig.pass(29 * kSecond);
  EXPECT_FALSE(rig.child().killed);
  rig.pass(2 * kSecond);
  EXPECT_TRUE(rig.launcher->scripts[0]->killed);
  EXPECT_TRUE(rig.task.logged("killed by sparse: it did not answer the handshake within 30.0 s"));
}

TEST(ShellLife, ObeysEmitsAndLogsBeforeThePidIsTold) {
  Rig rig;
  rig.open();
  rig.say(R"({"command":"log","msg":"hello"})", R"({"command":"emit","tuple":["early"]})");
  EXPECT_THAT(rig.out.emits, ElementsAre("default [early]"));
  EXPECT_THAT(rig.take_written(), HasSubstr("|[7]|"));
  EXPECT_TRUE(rig.task.paused);
}

TEST(ShellLife, RestartsAChildWhoseFramingIsLostAndQuotesItsFirstBytes) {
  const struct {
    std::string bytes;
    const char* rule;
  } cases[] = {
      {"oops\x01\nend\n", R"(what is before a line "end" is not one JSON object; it begins with "oops\x01")"},
      {"{\"command\":\"log\",\"msg\":\"\xff\"}\nend\n",
       R"(a message is not valid UTF-8; it begins with "{"command":"log","msg":"\xff"}")"},
      {std::string(300, '{') + "\nend\n", "{{{{{\"…"},
  };
  for (const auto& c : cases) {
    Rig rig;
    rig.start();
    rig.out.execute(rig.it, {"x"});
    rig.say_bytes(c.bytes);
    EXPECT_TRUE(rig.launcher->scripts[0]->killed);
    EXPECT_THAT(rig.out.verdicts, ElementsAre(AllOf(HasSubstr("its output cannot be read any more"), HasSubstr(c.rule))));
    rig.pass(kSecond);
    EXPECT_EQ(rig.launcher->scripts.size(), 2u);
  }
}

TEST(ShellLife, RestartsAChildWhoseMessageIsTooLargeOrDoesNotEnd) {
  Rig large(ShellLimits{.message = 1000});
  large.start();
  large.say_bytes(std::string(1001, 'x'));
  EXPECT_TRUE(large.task.logged("a message is larger than 1000 bytes"));

  Rig open;
  open.start();
  open.say_bytes("{\"command\":");
  for (int i = 0; i < 35; ++i) open.pass(kSecond);
  EXPECT_TRUE(open.task.logged("no line \"end\" came within 30.0 s"));
}

TEST(ShellLife, ShowsTextThatIsNeverFollowedByAMessage) {
  Rig rig;
  rig.task.topology.config = Value::Map{{"topology.subprocess.timeout.secs", Value(100)}};
  rig.start();
  rig.say_bytes("loading the model\n");
  rig.pass(29 * kSecond);
  EXPECT_FALSE(rig.task.logged("stdout"));
  rig.pass(2 * kSecond);
  EXPECT_TRUE(rig.task.logged("INFO stdout: loading the model"));
  rig.say(R"({"command":"log","msg":"loaded"})");
  EXPECT_EQ(rig.task.log.back(), "INFO loaded");
}

TEST(ShellLife, GivesUpWhenAChildDiesTenTimesWithoutHavingDoneAnything) {
  Rig rig;
  rig.open();
  for (int i = 0; i < 10; ++i) {
    ASSERT_FALSE(rig.task.gave_up);
    rig.child().complains.push_back("ImportError: no module\n");
    rig.die({false, 1});
    if (i < 9) rig.pass_until_restart();
  }
  ASSERT_TRUE(rig.task.gave_up);
  EXPECT_THAT(*rig.task.gave_up, AllOf(HasSubstr("10 times in a row"), HasSubstr("exit code 1"), HasSubstr("ImportError")));
  EXPECT_EQ(rig.launcher->scripts.size(), 10u);
}

TEST(ShellLife, DoesNotGiveUpOnAChildThatWorksAndIsKilledNowAndThen) {
  Rig rig;
  rig.open();
  for (int i = 0; i < 30; ++i) {
    rig.answer();
    rig.out.execute(rig.it, {"x"});
    rig.say("{\"command\":\"ack\",\"id\":\"" + std::to_string(i + 1) + "\"}");
    rig.die({true, 9});
    EXPECT_THAT(rig.task.log.back(), AllOf(HasSubstr("killed by signal 9 (SIGKILL)"), Not(HasSubstr("in flight"))));
    rig.pass(1500 * kMillisecond);
    ASSERT_EQ(rig.launcher->scripts.size(), static_cast<std::size_t>(i) + 2);
  }
  EXPECT_FALSE(rig.task.gave_up);
}

TEST(ShellLife, GivesUpAtOnceIfTheProgramDoesNotExist) {
  Rig rig;
  rig.launcher->error = "cannot start \"prog\": no program of this name";
  rig.open();
  ASSERT_TRUE(rig.task.gave_up);
  EXPECT_THAT(*rig.task.gave_up, HasSubstr("cannot start \"prog\""));
}

TEST(ShellLife, NeverGivesUpWhereThatIsSwitchedOff) {
  Rig rig(ShellLimits{.restart = {.give_up_after = 0}});
  rig.launcher->error = "cannot start \"prog\"";
  rig.open();
  for (int i = 0; i < 20; ++i) rig.pass(40 * kSecond);
  EXPECT_FALSE(rig.task.gave_up);
  EXPECT_GT(rig.launcher->commands.size(), 10u);
}

TEST(ShellLife, KillsAChildThatClosesItsStdoutAndStays) {
  Rig rig;
  rig.start();
  rig.child().stdout_closed = true;
  rig.it.ready(rig.fd(1), EPOLLIN, rig.out);
  EXPECT_FALSE(rig.task.watched.contains(rig.fd(1)));
  rig.pass(2 * kSecond);
  EXPECT_TRUE(rig.launcher->scripts[0]->killed);
  EXPECT_TRUE(rig.task.logged("it has closed its stdout, but does not end"));
}

TEST(ShellLife, RunsPythonClassesThroughTheLauncherWithBothFoldersOnItsPath) {
  ShellSettings settings{.python = "python3", .python_sdk = "/sdk"};
  topology::Topology topology;
  topology.folder = "/topology";
  topology::Component component;
  component.runs = {.kind = topology::Implementation::Kind::python, .name = "bolts.Split"};
  component.env = {{"PYTHONPATH", "/own"}, {"A", "1"}};
  component.cwd = "/cwd";
  const process::Command command = shell_command(topology, component, settings);
  EXPECT_THAT(command.argv, ElementsAre("python3", "-m", "sparse_stream.launch", "bolts.Split"));
  EXPECT_EQ(command.env.at("PYTHONPATH"), "/sdk:/topology:/own");
  EXPECT_EQ(command.env.at("A"), "1");
  EXPECT_EQ(command.cwd, "/cwd");
}

}  // namespace
}  // namespace sparse::worker
