#include "sparse-cli/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sparse::cli {

void hold_standard_descriptors() {
  // The lowest free number is given first. What is said on a closed stderr goes nowhere, and is no error.
  constexpr int kModes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
  for (int fd = 0; fd < 3; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) static_cast<void>(::open("/dev/null", kModes[fd]));
}

bool finish_stdout() {
  const bool failed = std::ferror(stdout) != 0;
  errno = 0;
  if (std::fflush(stdout) == 0 && !failed) return true;
  std::fprintf(stderr, "sparse: cannot write to the standard output%s%s: the result is not complete\n", errno == 0 ? "" : ": ",
               errno == 0 ? "" : std::strerror(errno));
  return false;
}

}  // namespace sparse::cli
