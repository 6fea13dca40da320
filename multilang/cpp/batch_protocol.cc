// The batched framing: frames with a length, each with many tuples, or many of what a child makes of them.
#include "multilang/cpp/batch_protocol.h"

#include <algorithm>
#include <cstring>

#include "multilang/cpp/marshal_writer.h"

namespace sparse::multilang {
namespace {

constexpr std::size_t kKeptCapacity = std::size_t{1} << 20;  // a buffer that grew for a large frame is given back
constexpr std::size_t kOpenBytes = 64 * 1024;                // a frame ends when it has this many
constexpr std::size_t kAroundTuple = 64;                     // bytes of a frame with one tuple that are not its values

void header(std::string& to, FrameKind kind, std::size_t payload) {
  char bytes[BatchProtocol::kHeader] = {};
  const auto size = static_cast<std::uint32_t>(payload);
  std::memcpy(bytes, &size, sizeof size);
  bytes[4] = static_cast<char>(BatchProtocol::kVersion);
  bytes[5] = static_cast<char>(kind);
  to.append(bytes, sizeof bytes);
}

std::uint32_t length_of(const char* header) {
  std::uint32_t length = 0;
  std::memcpy(&length, header, sizeof length);
  return length;
}

}  // namespace

void append_frame(std::string& to, FrameKind kind, std::string_view payload) {
  header(to, kind, payload.size());
  to += payload;
}

BatchProtocol::BatchProtocol(std::string_view unread, std::size_t limit) : limit_(limit), buffer_(unread), end_(unread.size()) {}

std::span<char> BatchProtocol::room(std::size_t at_least) {
  const std::size_t used = end_ - start_;
  if (start_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + start_, used);
    start_ = 0;
    end_ = used;
  }
  if (used == 0 && buffer_.size() > kKeptCapacity) std::string().swap(buffer_);
  if (buffer_.size() < used + at_least) buffer_.resize(std::max(used + at_least, 2 * used));
  return {buffer_.data() + end_, buffer_.size() - end_};
}

Inbound BatchProtocol::lost(std::string rule) const { return LostFraming{std::move(rule), partial()}; }

Inbound BatchProtocol::next() {
  for (;;) {
    if (auto message = records_.next()) return *message;
    if (!records_.broken().empty()) return lost(records_.broken());
    if (end_ - start_ < kHeader) return Nothing{};
    const char* at = buffer_.data() + start_;
    const std::size_t length = length_of(at);
    if (static_cast<std::uint8_t>(at[4]) != kVersion || at[6] != 0 || at[7] != 0)
      return lost("a batch does not begin with a header of version " + std::to_string(kVersion));
    if (length > limit_) return lost("a batch is larger than " + std::to_string(limit_) + " bytes");
    if (end_ - start_ < kHeader + length) return Nothing{};
    start_ += kHeader + length;
    const auto kind = static_cast<std::uint8_t>(at[5]);
    if (kind != static_cast<std::uint8_t>(FrameKind::records)) {
      odd_ = "a batch of the unknown kind " + std::to_string(kind);
      return ChildMessage(OddMessage{odd_});
    }
    if (!records_.start({at + kHeader, length})) return LostFraming{"a batch is not a list of records", {at, kHeader + length}};
  }
}

// The number of a source, which the child is told first.
std::uint32_t BatchProtocol::source(std::string& to, const TupleMessage& message) {
  const auto is = [&](const Source& known) {
    return known.task == message.task && known.fields == message.count && known.stream == message.stream &&
           known.component == message.component;
  };
  if (last_source_ < sources_.size() && is(sources_[last_source_])) return static_cast<std::uint32_t>(last_source_);
  const auto found = std::find_if(sources_.begin(), sources_.end(), is);
  last_source_ = static_cast<std::size_t>(found - sources_.begin());
  if (found == sources_.end()) {
    std::string payload;
    marshal_small_tuple(payload, 5);
    marshal_integer(payload, static_cast<std::int64_t>(last_source_));
    marshal_text(payload, message.component);
    marshal_text(payload, message.stream);
    marshal_integer(payload, message.task);
    marshal_integer(payload, message.count);
    append_frame(to, FrameKind::source, payload);
    sources_.push_back({message.task, message.count, std::string(message.component), std::string(message.stream)});
  }
  return static_cast<std::uint32_t>(last_source_);
}

void BatchProtocol::open(std::string& to, FrameKind kind) {
  if (open_count_ > 0 && (open_kind_ != kind || open_count_ >= kTuples || open_.size() >= kOpenBytes)) close_batch(to);
  open_kind_ = kind;
}

Uncarried BatchProtocol::tuple(std::string& to, const TupleMessage& message) {
  open(to, FrameKind::tuples);
  if (open_count_ > 0 && message.id != open_first_ + open_count_) close_batch(to);
  const std::uint32_t number = source(to, message);
  const std::size_t before = open_.size();
  Uncarried why = marshal_fields(open_, message.cells, message.count);
  const std::size_t bytes = open_.size() - before;
  if (why.empty() && bytes + kAroundTuple > limit_)
    why = "its values take " + std::to_string(bytes) + " bytes; the limit is " + std::to_string(limit_);
  if (!why.empty()) {
    open_.resize(before);
    return why;
  }
  if (open_count_ == 0) open_first_ = message.id;
  if (open_runs_.empty() || open_runs_.back().source != number) open_runs_.push_back({number, 0});
  ++open_runs_.back().tuples;
  open_values_ += message.count;
  ++open_count_;
  if (open_.size() >= kOpenBytes) close_batch(to);
  return {};
}

void BatchProtocol::close_batch(std::string& to) {
  if (open_count_ == 0) return;
  if (open_kind_ == FrameKind::tuples) {
    close_tuples(to);
  } else {
    header(to, open_kind_, open_.size() + 5);
    marshal_list(to, open_count_);
  }
  to += open_;
  open_.clear();
  if (open_.capacity() > kKeptCapacity) open_.shrink_to_fit();
  open_count_ = 0;
}

// All of the frame but the values.
void BatchProtocol::close_tuples(std::string& to) {
  const std::size_t at = to.size();
  header(to, FrameKind::tuples, 0);
  marshal_small_tuple(to, 3);
  marshal_integer(to, open_first_);
  marshal_list(to, static_cast<std::uint32_t>(2 * open_runs_.size()));
  for (const Run& run : open_runs_) {
    marshal_integer(to, run.source);
    marshal_integer(to, run.tuples);
  }
  marshal_list(to, open_values_);
  const auto payload = static_cast<std::uint32_t>(to.size() - at - kHeader + open_.size());
  std::memcpy(to.data() + at, &payload, sizeof payload);
  open_runs_.clear();
  open_values_ = 0;
}

void BatchProtocol::heartbeat(std::string& to) { append_frame(to, FrameKind::heartbeat, "N"); }

void BatchProtocol::tick(std::string& to, std::int64_t id, std::int64_t seconds) {
  close_batch(to);
  std::string payload;
  marshal_small_tuple(payload, 2);
  marshal_integer(payload, id);
  marshal_integer(payload, seconds);
  append_frame(to, FrameKind::tick, payload);
}

void BatchProtocol::finish(std::string& to, std::int64_t id) {
  close_batch(to);
  std::string payload;
  marshal_integer(payload, id);
  append_frame(to, FrameKind::finish, payload);
}

void BatchProtocol::task_ids(std::string& to, std::span<const TaskId> tasks) {
  std::string payload;
  marshal_list(payload, static_cast<std::uint32_t>(tasks.size()));
  for (const TaskId task : tasks) marshal_integer(payload, task);
  append_frame(to, FrameKind::task_ids, payload);
}

void BatchProtocol::command(std::string& to, SpoutCommand command, std::string_view id) {
  open(to, FrameKind::commands);
  marshal_small_tuple(open_, 2);
  marshal_integer(open_, static_cast<std::int64_t>(command));
  if (id.empty())
    marshal_null(open_);
  else
    marshal_text(open_, id);
  ++open_count_;
}

void BatchProtocol::ask(std::string& to, std::uint32_t most) {
  open(to, FrameKind::commands);
  marshal_small_tuple(open_, 2);
  marshal_integer(open_, static_cast<std::int64_t>(SpoutCommand::next));
  marshal_integer(open_, most);
  ++open_count_;
}

}  // namespace sparse::multilang
