#include "core/config/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sparse {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Error failed(const std::string& path) { return {fmt::format("cannot read {}: {}", path, std::strerror(errno))}; }

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t most_bytes) {
  // Without O_NONBLOCK, opening a FIFO would wait for a writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return failed(path);
  struct stat status{};
  if (::fstat(file.fd, &status) != 0) return failed(path);
  if (S_ISDIR(status.st_mode)) return Error{fmt::format("cannot read {}: it is a folder", path)};
  if (!S_ISREG(status.st_mode)) return Error{fmt::format("cannot read {}: it is not a regular file", path)};
  std::string text;
  char block[64 * 1024];
  for (;;) {
    const ssize_t got = ::read(file.fd, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path);
    if (got == 0) return text;
    text.append(block, static_cast<std::size_t>(got));
    if (text.size() > most_bytes) return Error{fmt::format("cannot read {}: it has more than {} bytes", path, most_bytes)};
  }
}

}  // namespace sparse
