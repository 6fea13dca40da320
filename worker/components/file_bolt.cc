// Lines of the `file` bolt.
#include "worker/components/file_bolt.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "worker/components/value_json.h"

namespace sparse::worker {
namespace {

void append_text_line(std::string& out, const Tuple& tuple) {
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    if (i > 0) out += '\t';
    const ValueView value = tuple[i];
    if (value.type() == Type::string)
      out += value.string();
    else if (value.type() == Type::bytes)
      out += value.bytes();
    else
      append_json(out, value);
  }
  out += '\n';
}

}  // namespace

void FileBolt::open(Context& context) {
  context_ = &context;
  path_ = resolve_path(host_->topology(), context.option("path", ""));
  const std::string format = context.option("format", "json");
  if (format != "json" && format != "text")
    throw std::runtime_error(
        fmt::format("component \"{}\": option \"format\" must be json or text, found {}", context.component(), format));
  json_ = format == "json";
  file_ = FileHandle(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666));
  if (!file_) throw std::runtime_error(fmt::format("cannot write the file {}: {}", path_, std::strerror(errno)));
}

void FileBolt::execute(const Tuple& input, Output& out) {
  line_.clear();
  if (torn_) line_ += '\n';
  if (json_)
    append_json_line(line_, input);
  else
    append_text_line(line_, input);
  // One write for the whole line: lines of several tasks never mix.
  std::size_t done = 0;
  while (done < line_.size()) {
    const ssize_t wrote = ::write(file_.get(), line_.data() + done, line_.size() - done);
    if (wrote > 0) {
      done += static_cast<std::size_t>(wrote);
    } else if (wrote == 0 || errno != EINTR) {
      torn_ = torn_ || done > 0;
      return cannot_write(wrote == 0 ? ENOSPC : errno, out);
    }
  }
  torn_ = false;
  if (std::exchange(failing_, false)) context_->log(Level::info, fmt::format("the file {} can be written again", path_));
}

void FileBolt::cannot_write(int error, Output& out) {
  const std::string reason = fmt::format("cannot write the file {}: {}", path_, std::strerror(error));
  if (!std::exchange(failing_, true)) context_->log(Level::error, reason + "; until it can be written, tuples fail");
  out.fail(reason);
}

}  // namespace sparse::worker
