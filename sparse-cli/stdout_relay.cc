#include "sparse-cli/stdout_relay.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace sparse::cli {
namespace {

constexpr std::size_t kLongestLine = 1 << 20;  // then it goes on as it is
constexpr int kPollMilliseconds = 20;

}  // namespace

bool StdoutRelay::needed(const Terminal& terminal) { return terminal.interactive() && ::isatty(1) == 1; }

StdoutRelay::StdoutRelay(Terminal& terminal) : terminal_(terminal) {
  int ends[2];
  std::fflush(stdout);
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  stdout_ = ::fcntl(1, F_DUPFD_CLOEXEC, 3);
  if (stdout_ >= 0) ::dup2(ends[1], 1);
  ::close(ends[1]);
  from_ = ends[0];
  if (stdout_ >= 0) reader_ = std::thread([this] { forward(); });
}

StdoutRelay::~StdoutRelay() {
  std::fflush(stdout);
  if (stdout_ >= 0) ::dup2(stdout_, 1);
  ending_ = true;
  if (reader_.joinable()) reader_.join();
  if (stdout_ >= 0) ::close(stdout_);
  if (from_ >= 0) ::close(from_);
}

void StdoutRelay::forward() {
  std::string waiting;
  char buffer[64 * 1024];
  for (;;) {
    pollfd ready = {.fd = from_, .events = POLLIN, .revents = 0};
    const bool ending = ending_;  // before the poll: what was written before the end is seen by it
    if (::poll(&ready, 1, ending ? 0 : kPollMilliseconds) <= 0) {
      if (ending) break;
      continue;
    }
    const ssize_t got = ::read(from_, buffer, sizeof buffer);
    if (got <= 0) break;
    waiting.append(buffer, static_cast<std::size_t>(got));
    const std::size_t whole = waiting.size() > kLongestLine ? waiting.size() : waiting.rfind('\n') + 1;
    if (whole == 0) continue;
    terminal_.write_above(stdout_, std::string_view(waiting).substr(0, whole));
    waiting.erase(0, whole);
  }
  if (!waiting.empty()) terminal_.write_above(stdout_, waiting + "\n");
}

}  // namespace sparse::cli
