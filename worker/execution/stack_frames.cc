// Where a thread is: its frames as text, written so that a signal handler may do it.
#include "worker/execution/stack_frames.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sparse::worker {
namespace {

constexpr int kNamedMost = 24;       // by addr2line: the rest is the engine's way to the component
constexpr int kWaitSteps = 300;      // of 10 ms, for all of addr2line's work
constexpr std::size_t kOffset = 20;  // characters of one address

// Found before the first signal: a handler must not search.
char addr2line_path[256] = "";
char program_path[1024] = "";  // this program's: the linker knows it only by the name it was called by
const void* program_base = nullptr;

struct Place {
  const char* file = nullptr;
  std::uintptr_t offset = 0;
  const char* symbol = nullptr;
};

Place place_of(const void* frame) {
  Dl_info info{};
  if (dladdr(frame, &info) == 0 || !info.dli_fname) return {};
  const bool own = info.dli_fbase == program_base && program_path[0] != '\0';
  const auto offset = reinterpret_cast<std::uintptr_t>(frame) - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
  return {own ? program_path : info.dli_fname, offset, info.dli_sname};
}

const void* call_of(void* const* frames, int index, bool at_fault) {
  // A return address may belong to the line, even the function, after the call.
  const auto address = reinterpret_cast<std::uintptr_t>(frames[index]);
  return reinterpret_cast<const void*>(index == 0 && at_fault ? address : address - 1);
}

// Only what is safe between fork and exec. In a process that has crashed, all else is not safe either.
[[noreturn]] void become_addr2line(int fd, const char* file, char (*offsets)[kOffset], int count) {
  const char* argv[7 + kNamedMost] = {"addr2line", "-C", "-f", "-p", "-e", file};
  int words = 6;
  for (int i = 0; i < count; ++i) argv[words++] = offsets[i];
  argv[words] = nullptr;
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(fd, 1);
  execv(addr2line_path, const_cast<char* const*>(argv));
  _exit(127);
}

void hex_text(char (&to)[kOffset], std::uintptr_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::size_t at = kOffset;
  to[--at] = '\0';
  do to[--at] = kDigits[value % 16];
  while ((value /= 16) != 0 && at > 2);
  std::memmove(to, to + at, kOffset - at);
}

// True if it was done before the steps were used up.
bool name_places(int fd, const char* file, char (*offsets)[kOffset], int count, int& steps) {
  const pid_t pid = _Fork();
  if (pid == 0) become_addr2line(fd, file, offsets, count);
  if (pid < 0) return false;
  while (true) {
    const pid_t ended = waitpid(pid, nullptr, WNOHANG);
    if (ended == pid || (ended < 0 && errno != EINTR)) return true;
    if (steps-- <= 0) break;
    const timespec pause{0, 10'000'000};
    nanosleep(&pause, nullptr);
  }
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  return false;
}

}  // namespace

FaultLine& FaultLine::text(std::string_view more) {
  const std::size_t fits = std::min(more.size(), kMost - size_);
  for (std::size_t i = 0; i < fits; ++i) bytes_[size_++] = static_cast<unsigned char>(more[i]) < 0x20 ? '?' : more[i];
  return *this;
}

FaultLine& FaultLine::number(std::uint64_t value) {
  char digits[20];
  std::size_t at = sizeof digits;
  do digits[--at] = static_cast<char>('0' + value % 10);
  while ((value /= 10) != 0);
  return text({digits + at, sizeof digits - at});
}

FaultLine& FaultLine::hex(std::uint64_t value) {
  char digits[kOffset];
  hex_text(digits, value);
  return text("0x").text(digits);
}

void FaultLine::write_to(int fd) {
  bytes_[size_++] = '\n';
  for (std::size_t at = 0; at < size_;) {
    const ssize_t written = ::write(fd, bytes_ + at, size_ - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;  // nobody reads: there is nobody to tell
    at += static_cast<std::size_t>(written);
  }
  size_ = 0;
}

void prepare_frames() {
  void* frames[4];
  backtrace(frames, 4);  // the first call loads a library, which takes memory
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&prepare_frames), &info) != 0) program_base = info.dli_fbase;
  if (const ssize_t length = readlink("/proc/self/exe", program_path, sizeof program_path - 1); length > 0)
    program_path[length] = '\0';
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path ? path : ""; !rest.empty() && addr2line_path[0] == '\0';) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
    constexpr std::string_view kName = "/addr2line";
    char candidate[sizeof addr2line_path];
    if (folder.empty() || folder.front() != '/' || folder.size() + kName.size() >= sizeof candidate) continue;
    std::memcpy(candidate, folder.data(), folder.size());
    std::memcpy(candidate + folder.size(), kName.data(), kName.size());
    candidate[folder.size() + kName.size()] = '\0';
    if (access(candidate, X_OK) == 0) std::memcpy(addr2line_path, candidate, sizeof candidate);
  }
}

int take_frames(void** frames, int most, std::uintptr_t pc) {
  const int count = backtrace(frames, most);
  for (int i = 0; i < count; ++i) {
    if (reinterpret_cast<std::uintptr_t>(frames[i]) != pc) continue;
    std::memmove(frames, frames + i, static_cast<std::size_t>(count - i) * sizeof *frames);
    return count - i;
  }
  return count;
}

void write_frames(int fd, void* const* frames, int count, bool at_fault) {
  FaultLine line;
  for (int i = 0; i < count; ++i) {
    const Place place = place_of(call_of(frames, i, at_fault));
    line.text("  #").number(static_cast<std::uint64_t>(i)).text(" ");
    if (place.file)
      line.text(place.file).text("+").hex(place.offset);
    else
      line.hex(reinterpret_cast<std::uintptr_t>(frames[i])).text(" in no file");
    if (place.symbol) line.text(" ").text(place.symbol);
    line.write_to(fd);
  }
  if (addr2line_path[0] == '\0') {
    line.text("  install addr2line (binutils) to see functions and lines here, or ask it: addr2line -Cfpe FILE OFFSET")
        .write_to(fd);
    return;
  }
  line.text("  the same as functions and lines, where FILE has them (build with -g):").write_to(fd);
  int steps = kWaitSteps;
  for (int first = 0; first < std::min(count, kNamedMost);) {
    char offsets[kNamedMost][kOffset];
    const char* file = place_of(call_of(frames, first, at_fault)).file;
    int same = 0;
    for (; first + same < std::min(count, kNamedMost); ++same) {
      const Place place = place_of(call_of(frames, first + same, at_fault));
      if (place.file != file) break;
      hex_text(offsets[same], place.offset);
    }
    if (file && !name_places(fd, file, offsets, same, steps)) break;
    first += std::max(1, same);
  }
}

}  // namespace sparse::worker
