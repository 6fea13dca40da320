// posix_spawn with two pipes.
#include "worker/components/short_command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "worker/components/file_handle.h"

namespace sparse::worker {
namespace {

constexpr std::size_t kOutputMax = std::size_t{1} << 20;
constexpr int kLookEveryMs = 20;

struct Pipe {
  FileHandle read, write;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read = FileHandle(ends[0]);
    write = FileHandle(ends[1]);
    return true;
  }
};

std::vector<std::string> whole_environment(const std::map<std::string, std::string>& over) {
  std::vector<std::string> variables;
  for (char** each = environ; *each; ++each) {
    const std::string_view variable(*each);
    if (!over.contains(std::string(variable.substr(0, variable.find('='))))) variables.emplace_back(variable);
  }
  for (const auto& [name, value] : over) variables.push_back(name + "=" + value);
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> found;
  for (std::string& text : texts) found.push_back(text.data());
  found.push_back(nullptr);
  return found;
}

/// Empty if the PATH of the environment does not have it: posix_spawnp would look into our own.
std::string find_program(const std::string& name, const std::map<std::string, std::string>& environment) {
  const auto own = environment.find("PATH");
  if (own == environment.end() || name.find('/') != std::string::npos) return name;
  std::string_view path = own->second;
  while (!path.empty()) {
    const auto colon = path.find(':');
    const std::string file = std::string(path.substr(0, colon)) + "/" + name;
    if (::access(file.c_str(), X_OK) == 0) return file;
    path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
  }
  return {};
}

Result<pid_t> spawn(const ShortCommand& command, const Pipe& output, const Pipe& errors) {
  std::vector<std::string> argv = command.argv, environment = whole_environment(command.environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.write.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, errors.write.get(), 2);
  if (!command.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.folder.c_str());
  // What we ignore, a child would ignore, too.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM}) sigaddset(&usual, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, find_program(argv[0], command.environment).c_str(), &actions, &attributes,
                                   pointers(argv).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error == 0) return pid;
  if (error == ENOENT && !command.folder.empty() && ::access(command.folder.c_str(), X_OK) != 0)
    return Error{fmt::format("its folder {} does not exist", command.folder)};
  if (error == ENOENT) return Error{fmt::format("there is no program {} in the PATH: install it", argv[0])};
  return Error{fmt::format("cannot start {}: {}", argv[0], std::strerror(error))};
}

/// Reads once what there is. Closes the pipe at its end.
void read_some(FileHandle& from, std::string& to) {
  char piece[16384];
  const ssize_t got = ::read(from.get(), piece, sizeof piece);
  if (got > 0 && to.size() < kOutputMax) to.append(piece, static_cast<std::size_t>(got));
  if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) from.reset();
}

/// True if there was something to read.
bool read_ready(Pipe& output, Pipe& errors, CommandAnswer& answer, int wait_ms) {
  pollfd ready[2] = {{.fd = output.read.get(), .events = POLLIN, .revents = 0},
                     {.fd = errors.read.get(), .events = POLLIN, .revents = 0}};
  if (::poll(ready, 2, wait_ms) <= 0) return false;
  if (ready[0].revents != 0) read_some(output.read, answer.output);
  if (ready[1].revents != 0) read_some(errors.read, answer.error_text);
  return true;
}

}  // namespace

Result<CommandAnswer> run_short_command(const ShortCommand& command, const Clock& clock) {
  Pipe output, errors;
  if (!output.open() || !errors.open()) return Error{fmt::format("cannot make a pipe: {}", std::strerror(errno))};
  const auto pid = spawn(command, output, errors);
  if (!pid) return pid.error();
  output.write.reset();
  errors.write.reset();
  CommandAnswer answer;
  const Nanoseconds end = clock.now() + command.at_most;
  int status = 0;
  bool in_time = true;
  // Ends with the program, not with its pipes: a process that it has started may keep these open.
  for (;;) {
    read_ready(output, errors, answer, kLookEveryMs);
    const pid_t ended = ::waitpid(*pid, &status, WNOHANG);
    if (ended == *pid) break;
    if (ended < 0 && errno != EINTR) return Error{fmt::format("lost {}: {}", command.argv[0], std::strerror(errno))};
    if (in_time && clock.now() >= end) {
      in_time = false;
      ::kill(*pid, SIGKILL);
    }
  }
  while (read_ready(output, errors, answer, 0) && (output.read || errors.read)) {
  }
  if (!in_time) return Error{fmt::format("{} has not answered within {} s", command.argv[0], command.at_most / kSecond)};
  answer.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return answer;
}

}  // namespace sparse::worker
