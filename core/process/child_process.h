// Child processes: started, talked to and ended without a signal handler, and never left behind.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>
#include <sys/uio.h>

#include "core/base/result.h"

namespace sparse::process {

struct Command {
  std::vector<std::string> argv = {};
  std::map<std::string, std::string> env = {};  ///< over the parent's environment; PATH is appended to the parent's, as in Storm
  std::string cwd = {};                         ///< empty: the parent's
};

struct ExitStatus {
  bool signalled = false;
  int code = 0;  ///< the exit code, or the signal's number
  bool operator==(const ExitStatus&) const = default;
};
/// `exit code 1`, `killed by signal 9 (SIGKILL)`.
std::string describe(ExitStatus status);

/// What a read or write that does not wait has done.
struct Io {
  enum class State { done, would_wait, ended };  ///< ended: end of file, or nobody reads any more
  State state = State::would_wait;
  std::size_t bytes = 0;
};

/// One child process, and the process group that it leads. Thread-compatible. None of its calls waits, except `wait`, `terminate`
/// and the destructor.
class Child {
 public:
  virtual ~Child() = default;  ///< kills the whole group, if it has not been ended before

  virtual pid_t pid() const = 0;
  /// What to poll: the child's stdin (EPOLLOUT), stdout and stderr (EPOLLIN), and its end (EPOLLIN). -1: not to be had, or
  /// closed.
  virtual int stdin_fd() const = 0;
  virtual int stdout_fd() const = 0;
  virtual int stderr_fd() const = 0;
  virtual int exit_fd() const = 0;

  virtual Io write(std::span<const iovec> parts) = 0;
  virtual Io read_stdout(std::span<char> to) = 0;
  virtual Io read_stderr(std::span<char> to) = 0;
  virtual void close_stdin() = 0;
  /// Waits, at most this long, until there is something to read or the child has ended; false if neither.
  virtual bool wait(std::chrono::milliseconds at_most) = 0;

  /// Empty while the child runs. Its end is final, though members of its group may live on until `kill`.
  virtual std::optional<ExitStatus> ended() = 0;
  /// SIGTERM to the whole group.
  virtual void ask_to_end() = 0;
  /// SIGKILL to the whole group; `ended` soon follows.
  virtual void kill() = 0;
  /// Waits for the end: at once if it has ended; else closes stdin, SIGTERM after half of `grace`, SIGKILL after all of it.
  /// In any case nothing of the group lives on.
  virtual ExitStatus terminate(std::chrono::milliseconds grace) = 0;
};

class ProcessLauncher {
 public:
  virtual ~ProcessLauncher() = default;
  /// The error says which program could not be started, and why.
  virtual Result<std::unique_ptr<Child>> launch(const Command& command) = 0;
  /// A new folder that only this user can read, for the pid files of children.
  virtual Result<std::string> make_folder() = 0;
  virtual void remove_folder(const std::string& path) = 0;
};

/// The real one. Thread-safe. Its children die with this process, whichever way it dies. Ignores SIGPIPE in this process, since
/// a child may stop reading at any time.
std::shared_ptr<ProcessLauncher> make_process_launcher();

/// For a process that is about to end without having ended its children: kills each of them with its group, so that what they
/// have started does not outlive it either.
void kill_all_children();

}  // namespace sparse::process
