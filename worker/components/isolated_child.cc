// The process that `isolate: process` starts: `sparse component FILE.so NAME`.
#include "worker/components/isolated_child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include <ucontext.h>

#include "multilang/cpp/message.h"
#include "worker/components/isolated_bolt.h"
#include "worker/components/plugin_loader.h"
#include "worker/execution/crash_report.h"
#include "worker/execution/stack_frames.h"

namespace sparse::worker {
namespace {

// A signal handler can reach nothing else.
IsolatedCall under_way;
char whose[256] = "";

std::string_view name_of(int signal) {
  switch (signal) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    case SIGILL: return "SIGILL";
    default: return "SIGABRT";
  }
}

std::uintptr_t program_counter(const void* context) {
  [[maybe_unused]] const auto& registers = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(registers.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<std::uintptr_t>(registers.pc);
#else
  return 0;
#endif
}

// The frames first: the last line is what the worker quotes.
void on_deadly(int number, siginfo_t*, void* context) {
  const IsolatedCall call = under_way;
  const std::uintptr_t pc = program_counter(context);
  void* frames[kFramesMost];
  const int count = take_frames(frames, kFramesMost, pc);
  write_frames(STDERR_FILENO, frames, count, count > 0 && reinterpret_cast<std::uintptr_t>(frames[0]) == pc);
  FaultLine line;
  line.text("sparse: crashed by ").text(name_of(number)).text(", in ").text(whose);
  if (call.what[0] != '\0') line.text(", in ").text(call.what);
  if (call.id != 0) line.text("; message id ").number(static_cast<std::uint64_t>(call.id)).text(" of this process");
  line.write_to(STDERR_FILENO);
  signal(number, SIG_DFL);
  raise(number);
}

void watch_for_crashes(const IsolatedSetup& setup) {
  prepare_frames();
  std::snprintf(whose, sizeof whose, "component \"%s\", task %u", setup.component.c_str(), setup.task);
  struct sigaction action = {};
  action.sa_sigaction = on_deadly;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigaction(number, &action, nullptr);
}

class Pipes final : public ParentPipe {
 public:
  // What the plugin prints goes to stderr, which the worker logs.
  Pipes()
      : in_(::fcntl(0, F_DUPFD_CLOEXEC, 3)),
        out_(::fcntl(1, F_DUPFD_CLOEXEC, 3)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (in_ < 0 || out_ < 0 || wake_ < 0 || nothing < 0) throw std::runtime_error("the descriptors 0 and 1 must be open");
    ::dup2(nothing, 0);
    ::dup2(2, 1);
    ::close(nothing);
  }

  bool wait(multilang::ParentFrames& to, Nanoseconds most) override {
    pollfd watched[] = {{in_, POLLIN, 0}, {wake_, POLLIN, 0}};
    const timespec limit{most / kSecond, most % kSecond};
    if (::ppoll(watched, 2, most < 0 ? nullptr : &limit, nullptr) < 0) return errno == EINTR;
    if (watched[1].revents != 0) {
      std::uint64_t count = 0;
      if (::read(wake_, &count, sizeof count) < 0 && errno != EAGAIN) return false;
    }
    return watched[0].revents == 0 || read_some(to);
  }

  void wake() override {
    const std::uint64_t one = 1;
    // Full: it is awake.
    if (::write(wake_, &one, sizeof one) < 0) return;
  }

  bool write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(out_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  /// The text of the parent's first message. What follows it goes to `rest`. Empty: the parent is gone.
  std::string first_message(multilang::ParentFrames& rest) {
    constexpr std::string_view kEnd = "\nend\n";
    std::string text;
    while (true) {
      if (const std::size_t end = text.find(kEnd); end != text.npos) {
        rest.add(std::string_view(text).substr(end + kEnd.size()));
        text.resize(end);
        return text;
      }
      const ssize_t count = ::read(in_, buffer_, sizeof buffer_);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return {};
      text.append(buffer_, static_cast<std::size_t>(count));
    }
  }

 private:
  bool read_some(multilang::ParentFrames& to) {
    const ssize_t count = ::read(in_, buffer_, sizeof buffer_);
    if (count < 0) return errno == EINTR;
    to.add({buffer_, static_cast<std::size_t>(count)});
    return count > 0;
  }

  const int in_, out_, wake_;
  char buffer_[64 * 1024];
};

void shake_hands(Pipes& pipes, const IsolatedSetup& setup) {
  if (!setup.offers_batches)
    throw std::runtime_error("the parent does not offer the framing " + std::string(multilang::kBatchFraming));
  const std::string pid = std::to_string(::getpid());
  if (!setup.pid_folder.empty()) {
    const int file = ::open((setup.pid_folder + "/" + pid).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    if (file >= 0) ::close(file);
  }
  pipes.write("{\"pid\":" + pid + ",\"sparse\":{\"finish\":true,\"framing\":\"" + std::string(multilang::kBatchFraming) +
              "\"}}\nend\n");
}

void serve(const std::string& file, const std::string& name) {
  auto pipes = std::make_unique<Pipes>();
  multilang::ParentFrames frames;
  const std::string first = pipes->first_message(frames);
  if (first.empty()) return;
  IsolatedSetup setup = read_setup(first);
  watch_for_crashes(setup);
  const HandlerStack stack;
  PluginLoader plugins;
  const auto plugin = plugins.load(file);
  if (!plugin) throw std::runtime_error(plugin.error().message);
  const auto found = find_class(**plugin, name, false);
  if (!found) throw std::runtime_error(found.error().message);
  shake_hands(*pipes, setup);
  under_way = {"its constructor", 0};
  IsolatedBolt bolt(std::move(setup), (*found)->make_bolt(), (*found)->spec.manual_ack, *pipes, under_way);
  bolt.serve();
}

}  // namespace

int run_isolated(const std::string& file, const std::string& name) {
  ::signal(SIGPIPE, SIG_IGN);
  try {
    serve(file, name);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sparse: %s of %s: %s\n", name.c_str(), file.c_str(), error.what());
  }
  return 1;
}

}  // namespace sparse::worker
