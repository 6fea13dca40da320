// Rounds, parts and replays of the `file` spout.
#include "worker/components/file_spout.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

namespace sparse::worker {
namespace {

std::uint64_t rounds_of(const Context& context) {
  const Value* repeat = context.options().find("repeat");
  if (!repeat || repeat->is_null()) return 1;
  if (const auto* text = repeat->as<std::string>(); text && *text == "forever") return 0;
  if (const auto* number = repeat->as<std::int64_t>(); number && *number >= 1) return static_cast<std::uint64_t>(*number);
  throw std::runtime_error(
      fmt::format("component \"{}\": option \"repeat\" must be an integer of at least 1, or forever", context.component()));
}

}  // namespace

void FileSpout::open(Context& context) {
  ReplayingSpout::open(context);
  path_ = resolve_path(host().topology(), context.option("path", ""));
  rounds_ = rounds_of(context);
  file_ = FileHandle(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file_) throw std::runtime_error(fmt::format("cannot read the file {}: {}", path_, std::strerror(errno)));
  struct stat status = {};
  if (::fstat(file_.get(), &status) != 0)
    throw std::runtime_error(fmt::format("cannot read the file {}: {}", path_, std::strerror(errno)));
  if (S_ISDIR(status.st_mode))
    throw std::runtime_error(fmt::format("cannot read {}: it is a folder, and the file spout reads one file", path_));
  if (!S_ISREG(status.st_mode))
    throw std::runtime_error(fmt::format("cannot read {}: it is not a regular file; feed pipes to the stdin spout", path_));

  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t tasks = context.parallelism();
  const auto part = [&](std::uint64_t index) { return size / tasks * index + size % tasks * index / tasks; };
  begin_ = part(context.index());
  end_ = part(context.index() + 1);
  offset_bits_ = static_cast<unsigned>(std::bit_width(size));
  reader_.start(file_.get(), begin_, end_);
}

bool FileSpout::start_round() {
  if (reader_.position() < end_ && read_any_)
    context().log(Level::warn, fmt::format("{} has become shorter while it was read: {} bytes expected, {} found", path_, end_,
                                           reader_.position()));
  if ((rounds_ != 0 && round_ + 1 >= rounds_) || !read_any_) return false;
  ++round_;
  // Wraps only after so many lines that no message of the same number can be open.
  round_bits_ = round_ << offset_bits_;
  read_any_ = false;
  reader_.start(file_.get(), begin_, end_);
  return true;
}

Next FileSpout::at_stop(LineReader::Got got, const LineReader::Line& line, Output& out) {
  switch (got) {
    case LineReader::Got::line: break;
    case LineReader::Got::end: return start_round() ? produce(out) : Next::exhausted;
    case LineReader::Got::failed:
      host().give_up(fmt::format("cannot read the file {}: {}", path_, std::strerror(reader_.error())));
      return Next::exhausted;
    case LineReader::Got::too_long: {
      Cell excerpt;
      excerpt.set(line.text);
      give_up_message(out, round_bits_ | line.offset, {&excerpt, 1},
                      fmt::format("the line at byte {} of {} is longer than {} bytes; it begins as shown", line.offset, path_,
                                  reader_.line_max()));
      read_any_ = true;
      break;
    }
  }
  return Next::emitted;
}

std::span<const Cell> FileSpout::recall(std::uint64_t id) {
  const std::uint64_t offset = id & ((std::uint64_t{1} << offset_bits_) - 1);
  if (!read_line_at(file_.get(), offset, recalled_)) return {};
  recalled_cell_.set(std::string_view(recalled_));
  return {&recalled_cell_, 1};
}

}  // namespace sparse::worker
