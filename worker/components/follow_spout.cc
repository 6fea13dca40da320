// Looks at the path whenever the file has no more lines.
#include "worker/components/follow_spout.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace sparse::worker {

void FollowSpout::open(Context& context) {
  ReplayingSpout::open(context);
  path_ = resolve_path(host().topology(), context.option("path", ""));
  if (context.index() == 0) open_file();
}

bool FollowSpout::open_file() {
  FileHandle opened(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  int error = errno;
  if (opened && (::fstat(opened.get(), &status) != 0 || !S_ISREG(status.st_mode)))
    error = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
  if (!opened || !S_ISREG(status.st_mode)) {
    if (!told_) context().log(Level::warn, fmt::format("waiting for the file {}: {}", path_, std::strerror(error)));
    told_ = true;
    return false;
  }
  file_ = std::move(opened);
  told_ = replaced_ = false;
  reader_.take_unterminated(false);
  reader_.start(file_.get(), 0, LineReader::kNoEnd);
  return true;
}

/// After the last line: whether it is worth to read again at once.
bool FollowSpout::more_to_read() {
  if (!file_) return open_file();
  if (replaced_) {
    file_.reset();
    return open_file();
  }
  struct stat ours = {}, named = {};
  if (::fstat(file_.get(), &ours) != 0) return false;
  if (::stat(path_.c_str(), &named) == 0 && (named.st_ino != ours.st_ino || named.st_dev != ours.st_dev)) {
    // What was written to the former file until now still counts, with or without a last newline.
    replaced_ = true;
    reader_.take_unterminated(true);
    return true;
  }
  if (static_cast<std::uint64_t>(ours.st_size) < reader_.read_to()) {
    context().log(Level::warn, fmt::format("{} has become shorter: reading it from its start", path_));
    reader_.start(file_.get(), 0, LineReader::kNoEnd);
    return ours.st_size > 0;
  }
  return false;
}

Next FollowSpout::produce(Output& out) {
  if (context().index() != 0) return Next::exhausted;
  do {
    if (!file_) continue;
    LineReader::Line line;
    switch (reader_.next(line)) {
      case LineReader::Got::line: emit(out, line.text); return Next::emitted;
      case LineReader::Got::too_long: {
        Cell excerpt;
        excerpt.set(line.text);
        give_up_message(out, lines_.add({}, false), {&excerpt, 1},
                        fmt::format("the line at byte {} of {} is longer than {} bytes; it begins as shown", line.offset, path_,
                                    reader_.line_max()));
        return Next::emitted;
      }
      case LineReader::Got::failed:
        host().give_up(fmt::format("cannot read the file {}: {}", path_, std::strerror(reader_.error())));
        return Next::exhausted;
      case LineReader::Got::end: break;
    }
  } while (more_to_read());
  return Next::idle;
}

}  // namespace sparse::worker
