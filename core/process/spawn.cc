// Starts a program: finds it, prepares its environment, forks and execs. Every failure is told in words.
#include "core/process/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace sparse::process {
namespace {

std::string reason(int error) { return std::string(strerror(error)) + " (errno " + std::to_string(error) + ")"; }

std::string_view value_of(const std::vector<std::string>& environment, std::string_view key) {
  for (const std::string& entry : environment)
    if (entry.size() > key.size() && entry.starts_with(key) && entry[key.size()] == '=')
      return std::string_view(entry).substr(key.size() + 1);
  return {};
}

bool can_run(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

// Closes what is open of a set of pipes when a start fails half-way.
struct Pipes {
  // stdin, stdout, stderr, and the pipe over which the child reports a failed exec
  std::array<std::array<int, 2>, 4> fds{{{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}}};
  ~Pipes() {
    for (auto& pair : fds)
      for (int fd : pair)
        if (fd >= 0) close(fd);
  }
  int take(std::size_t pipe, std::size_t end) { return std::exchange(fds[pipe][end], -1); }
  bool open() {
    for (auto& pair : fds)
      if (pipe2(pair.data(), O_CLOEXEC) != 0) return false;
    return true;
  }
};

struct Failure {
  enum Step : int { none, cwd, descriptors, exec } step = none;
  int error = 0;
};

// Between fork and exec: only what is safe in a copy of a process with other threads.
[[noreturn]] void become(const char* program, char* const* argv, char* const* env, const char* cwd, const Pipes& pipes,
                         pid_t parent) {
  const int report = pipes.fds[3][1];
  const auto fail = [report](Failure::Step step) {
    const Failure failure{step, errno};
    [[maybe_unused]] const ssize_t written = write(report, &failure, sizeof failure);
    _exit(127);
  };
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before the line above
  // What the parent ignores or blocks, the child would inherit.
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (cwd && chdir(cwd) != 0) fail(Failure::cwd);
  // The ends may have the numbers 0 to 2 themselves, if the parent started with those closed: move them out of the way first.
  int ends[3] = {pipes.fds[0][0], pipes.fds[1][1], pipes.fds[2][1]};
  for (int& end : ends)
    if (end < 3 && (end = fcntl(end, F_DUPFD_CLOEXEC, 3)) < 0) fail(Failure::descriptors);
  for (int i = 0; i < 3; ++i)
    if (dup2(ends[i], i) < 0) fail(Failure::descriptors);
  // Whatever this process has inherited or a library has opened is not for the child.
  close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  execve(program, argv, env);
  fail(Failure::exec);
  _exit(127);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

std::string in_words(const Failure& failure, const Command& command, const std::string& program) {
  switch (failure.step) {
    case Failure::cwd:
      return "cannot start \"" + command.argv[0] + "\" in the folder " + command.cwd + ": " + reason(failure.error);
    case Failure::exec:
      if (failure.error == ENOEXEC) return "cannot start " + program + ": it is no program, and has no first line like #!/bin/sh";
      if (failure.error == ENOENT)
        return "cannot start " + program + ": the interpreter that its first line names does not exist";
      break;
    default: break;
  }
  return "cannot start " + program + ": " + reason(failure.error);
}

}  // namespace

std::vector<std::string> merged_environment(const char* const* parent, const Command& command) {
  std::vector<std::string> merged;
  auto own = command.env;
  for (; parent && *parent; ++parent) {
    const std::string_view entry = *parent;
    const auto found = own.find(std::string(entry.substr(0, entry.find('='))));
    if (found == own.end()) {
      merged.emplace_back(entry);
    } else if (found->first == "PATH") {
      merged.push_back(std::string(entry) + ":" + found->second);
      own.erase(found);
    }
  }
  for (const auto& [key, value] : own) merged.push_back(key + "=" + value);
  return merged;
}

Result<std::string> find_program(const Command& command, const std::vector<std::string>& environment) {
  if (command.argv.empty() || command.argv[0].empty()) return Error{"the command is empty: it needs a program to start"};
  const std::string& name = command.argv[0];
  if (name.find('/') != std::string::npos) {
    const std::string path = name.front() == '/' || command.cwd.empty() ? name : command.cwd + "/" + name;
    if (can_run(path)) return path;
    if (access(path.c_str(), F_OK) == 0)
      return Error{"cannot start " + path + ": it is not a program (chmod +x makes a script one)"};
    return Error{"cannot start " + path + ": there is no such file"};
  }
  const std::string_view path = value_of(environment, "PATH");
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t colon = std::min(path.find(':', at), path.size());
    const std::string folder(path.substr(at, colon - at));
    at = colon + 1;
    if (folder.empty()) continue;
    const std::string candidate =
        (folder.front() == '/' || command.cwd.empty() ? folder : command.cwd + "/" + folder) + "/" + name;
    if (can_run(candidate)) return candidate;
  }
  return Error{"cannot start \"" + name + "\": no program of this name in PATH (" + std::string(path) + ")"};
}

Result<Spawned> spawn(const Command& command) {
  const std::vector<std::string> environment = merged_environment(environ, command);
  auto program = find_program(command, environment);
  if (!program) return program.error();
  Pipes pipes;
  if (!pipes.open()) return Error{"cannot start " + *program + ": no pipe to it: " + reason(errno)};
  const auto argv = pointers(command.argv);
  const auto env = pointers(environment);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return Error{"cannot start " + *program + ": no new process: " + reason(errno)};
  if (pid == 0)
    become(program->c_str(), argv.data(), env.data(), command.cwd.empty() ? nullptr : command.cwd.c_str(), pipes, parent);
  setpgid(pid, pid);  // both sides do it, so that neither can be late
  close(pipes.take(3, 1));
  Failure failure;
  ssize_t got;
  while ((got = read(pipes.fds[3][0], &failure, sizeof failure)) < 0 && errno == EINTR) {
  }
  if (got == sizeof failure) {
    waitpid(pid, nullptr, 0);
    return Error{in_words(failure, command, *program)};
  }
  return Spawned{.pid = pid, .stdin_fd = pipes.take(0, 1), .stdout_fd = pipes.take(1, 0), .stderr_fd = pipes.take(2, 0)};
}

}  // namespace sparse::process
