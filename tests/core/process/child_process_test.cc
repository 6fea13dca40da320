// Real children, ended in every way.
#include "core/process/child_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

#include <csignal>
#include <thread>

#include "core/process/spawn.h"

namespace sparse::process {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

std::unique_ptr<Child> start(ProcessLauncher& launcher, Command command) {
  auto child = launcher.launch(command);
  EXPECT_TRUE(child) << child.error().message;
  return std::move(*child);
}

std::string read_all(Child& child, bool errors = false) {
  std::string all;
  char buffer[256];
  while (true) {
    pollfd polled{errors ? child.stderr_fd() : child.stdout_fd(), POLLIN, 0};
    poll(&polled, 1, 10'000);
    const Io io = errors ? child.read_stderr(buffer) : child.read_stdout(buffer);
    if (io.state != Io::State::done) return all;
    all.append(buffer, io.bytes);
  }
}

ExitStatus wait_for(Child& child) {
  pollfd polled{child.exit_fd(), POLLIN, 0};
  poll(&polled, 1, 10'000);
  const auto status = child.ended();
  EXPECT_TRUE(status);
  return status.value_or(ExitStatus{});
}

TEST(ChildProcess, TalksOverThreePipesAndTellsItsExitCode) {
  const auto launcher = make_process_launcher();
  const auto child = start(*launcher, {.argv = {"sh", "-c", "read line; echo got $line; echo oops >&2; exit 3"}});
  std::string text = "hello\n";
  const iovec parts[] = {{text.data(), text.size()}};
  EXPECT_EQ(child->write(parts).bytes, 6u);
  EXPECT_EQ(read_all(*child), "got hello\n");
  EXPECT_EQ(read_all(*child, true), "oops\n");
  EXPECT_EQ(wait_for(*child), (ExitStatus{false, 3}));
  EXPECT_EQ(child->write(parts).state, Io::State::ended);
}

TEST(ChildProcess, TellsHowItEndedAlsoIfTheCallerIgnoresTheEndOfChildren) {
  signal(SIGCHLD, SIG_IGN);
  const auto launcher = make_process_launcher();
  const auto child = start(*launcher, {.argv = {"sh", "-c", "exit 3"}});
  EXPECT_EQ(wait_for(*child), (ExitStatus{false, 3}));
  signal(SIGCHLD, SIG_DFL);
}

TEST(ProcessLauncher, SaysThatTheFolderForTemporaryFilesIsWrong) {
  const auto launcher = make_process_launcher();
  setenv("TMPDIR", "/nowhere/at/all", 1);
  const auto folder = launcher->make_folder();
  unsetenv("TMPDIR");
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("look at TMPDIR"));
}

TEST(ChildProcess, DescribesItsEndInWords) {
  EXPECT_EQ(describe({false, 1}), "exit code 1");
  EXPECT_EQ(describe({true, 9}), "killed by signal 9 (SIGKILL)");
  EXPECT_EQ(describe({true, 40}), "killed by signal 40");
}

TEST(ChildProcess, HasTheEnvironmentAndTheFolderItWasGiven) {
  const auto launcher = make_process_launcher();
  const auto child = start(
      *launcher, {.argv = {"sh", "-c", "echo $COLOUR; pwd; ulimit -c >/dev/null"}, .env = {{"COLOUR", "blue"}}, .cwd = "/usr"});
  EXPECT_EQ(read_all(*child), "blue\n/usr\n");
}

TEST(ChildProcess, InheritsNoDescriptorOfOurs) {
  const auto launcher = make_process_launcher();
  const auto first = start(*launcher, {.argv = {"cat"}});
  const auto second = start(*launcher, {.argv = {"sh", "-c", "ls /proc/self/fd | grep -v -e '^[0-3]$'; true"}});
  EXPECT_EQ(read_all(*second), "");
}

TEST(ChildProcess, IsKilledWithItsWholeGroup) {
  const auto launcher = make_process_launcher();
  auto child = start(*launcher, {.argv = {"sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait"}});
  char buffer[64];
  pollfd polled{child->stdout_fd(), POLLIN, 0};
  poll(&polled, 1, 10'000);
  const Io io = child->read_stdout(buffer);
  const pid_t grandchild = static_cast<pid_t>(std::stol(std::string(buffer, io.bytes)));
  EXPECT_EQ(child->terminate(milliseconds(20)), (ExitStatus{true, SIGKILL}));
  // The grandchild is somebody else's to reap: what counts is that it does not run.
  for (int i = 0; i < 1000 && ::kill(grandchild, 0) == 0; ++i) {
    char state = 'Z';
    if (FILE* stat = fopen(("/proc/" + std::to_string(grandchild) + "/stat").c_str(), "r")) {
      EXPECT_EQ(fscanf(stat, "%*d %*s %c", &state), 1);
      fclose(stat);
    }
    if (state == 'Z') break;
    std::this_thread::yield();
  }
}

TEST(ChildProcess, EndsByItselfWhenItsInputEnds) {
  const auto launcher = make_process_launcher();
  const auto child = start(*launcher, {.argv = {"cat"}});
  EXPECT_EQ(child->ended(), std::nullopt);
  EXPECT_EQ(child->terminate(milliseconds(10'000)), (ExitStatus{false, 0}));
  EXPECT_EQ(child->ended(), (ExitStatus{false, 0}));
}

TEST(ChildProcess, IsNotLeftBehindByItsDestructor) {
  const auto launcher = make_process_launcher();
  auto child = start(*launcher, {.argv = {"sleep", "1000"}});
  const pid_t pid = child->pid();
  child.reset();
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(ChildProcess, OutlivesTheThreadThatAskedForIt) {
  const auto launcher = make_process_launcher();
  std::unique_ptr<Child> child;
  std::thread([&] { child = start(*launcher, {.argv = {"cat"}}); }).join();
  EXPECT_EQ(child->terminate(milliseconds(10'000)), (ExitStatus{false, 0}));
}

TEST(ChildProcess, KeepsItsLauncherAlive) {
  auto launcher = make_process_launcher();
  const auto child = start(*launcher, {.argv = {"cat"}});
  launcher.reset();
  EXPECT_EQ(child->terminate(milliseconds(10'000)), (ExitStatus{false, 0}));
}

TEST(ChildProcess, SaysInWordsWhyItCannotBeStarted) {
  const auto launcher = make_process_launcher();
  const auto folder = launcher->make_folder();
  ASSERT_TRUE(folder);
  const auto script = [&](const char* name, const char* text, mode_t mode) {
    const std::string path = *folder + "/" + name;
    FILE* file = fopen(path.c_str(), "w");
    fputs(text, file);
    fclose(file);
    chmod(path.c_str(), mode);
    return path;
  };
  const struct {
    Command command;
    std::vector<std::string> words;
  } cases[] = {
      {{.argv = {}}, {"the command is empty"}},
      {{.argv = {"no-such-program"}}, {"\"no-such-program\"", "no program of this name in PATH (", "/bin"}},
      {{.argv = {"./nothing"}, .cwd = "/usr"}, {"/usr/./nothing", "no such file"}},
      {{.argv = {script("plain", "x", 0600)}}, {"plain", "not a program", "chmod +x"}},
      {{.argv = {script("odd", "#!/no/such/interpreter\n", 0700)}},
       {"odd", "the interpreter that its first line names does not exist"}},
      {{.argv = {script("raw", "echo", 0700)}}, {"raw", "no first line like #!/bin/sh"}},
      {{.argv = {"cat"}, .cwd = "/no/such/folder"}, {"\"cat\"", "/no/such/folder", "No such file or directory"}},
  };
  for (const auto& c : cases) {
    const auto child = launcher->launch(c.command);
    ASSERT_FALSE(child);
    for (const std::string& word : c.words) EXPECT_THAT(child.error().message, HasSubstr(word));
  }
  launcher->remove_folder(*folder);
  EXPECT_NE(access(folder->c_str(), F_OK), 0);
}

TEST(Environment, IsTheParentsWithTheCommandsOverItAndPathAppended) {
  const char* const parent[] = {"A=1", "PATH=/bin", "B=2", nullptr};
  EXPECT_EQ(merged_environment(parent, {.env = {{"B", "3"}, {"C", "4"}, {"PATH", "/opt"}}}),
            (std::vector<std::string>{"A=1", "PATH=/bin:/opt", "B=3", "C=4"}));
  EXPECT_EQ(merged_environment(nullptr, {.env = {{"PATH", "/opt"}}}), (std::vector<std::string>{"PATH=/opt"}));
}

}  // namespace
}  // namespace sparse::process
