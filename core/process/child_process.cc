// Child processes: started, talked to and ended without a signal handler, and never left behind.
#include "core/process/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <thread>

#include "core/base/clock.h"
#include "core/process/spawn.h"

namespace sparse::process {
namespace {

using std::chrono::milliseconds;

void close_fd(int& fd) {
  if (fd >= 0) close(std::exchange(fd, -1));
}

Io outcome(ssize_t result) {
  if (result > 0) return {Io::State::done, static_cast<std::size_t>(result)};
  if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return {Io::State::would_wait};
  return {Io::State::ended};
}

Io read_from(int fd, std::span<char> to) { return fd < 0 ? Io{Io::State::ended} : outcome(::read(fd, to.data(), to.size())); }

class PosixChild final : public Child {
 public:
  // `launcher` keeps the thread that forked: when it ends, the kernel kills the child.
  PosixChild(const Spawned& spawned, std::shared_ptr<const void> launcher) : launcher_(std::move(launcher)), fds_(spawned) {
    for (int fd : {fds_.stdin_fd, fds_.stdout_fd, fds_.stderr_fd}) fcntl(fd, F_SETFL, O_NONBLOCK);
    pid_fd_ = static_cast<int>(syscall(SYS_pidfd_open, fds_.pid, 0));  // close-on-exec by itself
  }
  ~PosixChild() override {
    if (!status_) reap_now();
    for (int* fd : {&fds_.stdin_fd, &fds_.stdout_fd, &fds_.stderr_fd, &pid_fd_}) close_fd(*fd);
  }

  pid_t pid() const override { return fds_.pid; }
  int stdin_fd() const override { return fds_.stdin_fd; }
  int stdout_fd() const override { return fds_.stdout_fd; }
  int stderr_fd() const override { return fds_.stderr_fd; }
  int exit_fd() const override { return pid_fd_; }

  Io write(std::span<const iovec> parts) override {
    if (fds_.stdin_fd < 0) return {Io::State::ended};
    return outcome(writev(fds_.stdin_fd, parts.data(), static_cast<int>(parts.size())));
  }
  Io read_stdout(std::span<char> to) override { return read_from(fds_.stdout_fd, to); }
  Io read_stderr(std::span<char> to) override { return read_from(fds_.stderr_fd, to); }
  void close_stdin() override { close_fd(fds_.stdin_fd); }

  bool wait(milliseconds at_most) override {
    pollfd polled[3] = {{pid_fd_, POLLIN, 0}, {fds_.stdout_fd, POLLIN, 0}, {fds_.stderr_fd, POLLIN, 0}};
    // Without a pidfd (an old kernel) the end is found by asking again.
    const auto most = pid_fd_ >= 0 ? milliseconds(1000) : milliseconds(10);
    return poll(polled, 3, static_cast<int>(std::min(at_most, most).count())) > 0;
  }

  std::optional<ExitStatus> ended() override { return status_ ? status_ : reap(WNOHANG); }
  void ask_to_end() override {
    if (!status_) ::kill(-fds_.pid, SIGTERM);
  }
  void kill() override {
    if (!status_) ::kill(-fds_.pid, SIGKILL);
  }

  ExitStatus terminate(milliseconds grace) override {
    if (ended()) return *status_;
    close_stdin();
    if (!ends_within(grace / 2)) {
      ask_to_end();
      if (!ends_within(grace - grace / 2)) kill();
    }
    return reap_now();
  }

 private:
  // Peeks first and reaps last: as long as the dead child is not reaped, its number, which is the group's, cannot be given to
  // somebody else, so the rest of the group can be killed without a doubt.
  std::optional<ExitStatus> reap(int options) {
    siginfo_t info{};
    int result;
    while ((result = waitid(P_PID, static_cast<id_t>(fds_.pid), &info, WEXITED | WNOWAIT | options)) != 0 && errno == EINTR) {
    }
    if (result == 0 && info.si_pid == 0) return std::nullopt;
    ::kill(-fds_.pid, SIGKILL);
    int status = 0;
    while (waitpid(fds_.pid, &status, 0) < 0 && errno == EINTR) {
    }
    status_ = WIFSIGNALED(status) ? ExitStatus{true, WTERMSIG(status)} : ExitStatus{false, WEXITSTATUS(status)};
    return status_;
  }
  ExitStatus reap_now() {
    kill();
    return *reap(0);
  }

  bool is_over() const {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(fds_.pid), &info, WEXITED | WNOWAIT | WNOHANG) != 0 || info.si_pid != 0;
  }

  // Reads on meanwhile: a child that is still writing cannot end while its pipes are full.
  bool ends_within(milliseconds time) {
    const SystemClock clock;
    const Nanoseconds until = clock.now() + std::chrono::nanoseconds(time).count();
    char scratch[4096];
    while (!is_over()) {
      const Nanoseconds left = until - clock.now();
      if (left <= 0) return false;
      if (!wait(milliseconds(left / kMillisecond + 1))) continue;
      if (fds_.stdout_fd >= 0 && read_stdout(scratch).state == Io::State::ended) close_fd(fds_.stdout_fd);
      if (fds_.stderr_fd >= 0 && read_stderr(scratch).state == Io::State::ended) close_fd(fds_.stderr_fd);
    }
    return true;
  }

  const std::shared_ptr<const void> launcher_;
  Spawned fds_;
  int pid_fd_ = -1;
  std::optional<ExitStatus> status_;
};

// Forks on a thread of its own: PR_SET_PDEATHSIG goes by the thread that forked, and the threads of a worker come and go.
class PosixLauncher final : public ProcessLauncher, public std::enable_shared_from_this<PosixLauncher> {
 public:
  PosixLauncher() {
    struct sigaction action{};
    if (sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) signal(SIGPIPE, SIG_IGN);
    // Where the caller has it ignored, the kernel forgets how a child has ended, and gives its number to others at once.
    if (sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) signal(SIGCHLD, SIG_DFL);
    thread_ = std::thread([this] { serve(); });
  }
  ~PosixLauncher() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  Result<std::unique_ptr<Child>> launch(const Command& command) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !command_ && !spawned_; });
    command_ = &command;
    changed_.notify_all();
    changed_.wait(lock, [&] { return spawned_.has_value(); });
    const Result<Spawned> spawned = *std::exchange(spawned_, std::nullopt);
    changed_.notify_all();
    if (!spawned) return spawned.error();
    return std::unique_ptr<Child>(std::make_unique<PosixChild>(*spawned, shared_from_this()));
  }

  Result<std::string> make_folder() override {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / ("sparse-" + std::string(6, 'X'))).string();
    if (error) return Error{"there is no folder for temporary files, as pid files are: " + error.message() + "; look at TMPDIR"};
    if (!mkdtemp(path.data())) return Error{"no temporary folder for pid files can be made at " + path + ": " + strerror(errno)};
    return path;
  }
  void remove_folder(const std::string& path) override {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

 private:
  void serve() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stop_ || command_; });
      if (stop_) return;
      const Command& command = *command_;
      lock.unlock();
      Result<Spawned> spawned = spawn(command);
      lock.lock();
      command_ = nullptr;
      spawned_ = std::move(spawned);
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const Command* command_ = nullptr;
  std::optional<Result<Spawned>> spawned_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace

std::string describe(ExitStatus status) {
  if (!status.signalled) return "exit code " + std::to_string(status.code);
  const char* name = sigabbrev_np(status.code);
  return "killed by signal " + std::to_string(status.code) + (name ? " (SIG" + std::string(name) + ")" : "");
}

std::shared_ptr<ProcessLauncher> make_process_launcher() { return std::make_shared<PosixLauncher>(); }

void kill_all_children() {
  std::error_code ignored;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    std::ifstream children(thread.path() / "children");
    for (pid_t pid = 0; children >> pid;)
      if (pid > 0) ::kill(-pid, SIGKILL);
  }
}

}  // namespace sparse::process
