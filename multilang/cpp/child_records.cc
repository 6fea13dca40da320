// The child's side of the batched framing, writing: records of emits, verdicts and log lines to frames. For children in C++.
#include "multilang/cpp/child_records.h"

#include <utility>

#include "multilang/cpp/batch_protocol.h"
#include "multilang/cpp/marshal_writer.h"
#include "multilang/cpp/utf8.h"

namespace sparse::multilang {
namespace {

enum Code : std::int64_t { kEmit = 0, kAck = 1, kFail = 2, kLog = 3, kError = 4, kSync = 6 };

// Of one emit: the rest is for what else is in its frame.
constexpr std::size_t kLargest = kMessageLimit - (std::size_t{1} << 20);

// Reasons and log lines may hold any bytes.
std::string as_text(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  std::string text(bytes);
  for (char& c : text)
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  return text;
}

}  // namespace

void ChildRecords::open(std::int64_t code, std::uint8_t fields) {
  ++count_;
  marshal_small_tuple(records_, fields);
  marshal_integer(records_, code);
}

void ChildRecords::under_way(std::int64_t id) {
  if (current_ == id) return;
  current_ = id;
  ++count_;
  marshal_integer(records_, id);
}

Uncarried ChildRecords::emit(const ChildEmit& how, const Cell* cells, std::uint32_t count) {
  const std::scoped_lock lock(mutex_);
  const std::size_t before = records_.size();
  const auto current = current_;
  const std::uint32_t records = count_;
  const bool plain = how.stream == "default" && how.task == 0 && !how.asks && how.anchors.size() == 1;
  if (plain) {
    under_way(how.anchors.front());
    ++count_;
  } else {
    open(kEmit, 6);
  }
  Uncarried why = marshal_values(records_, cells, count);
  const std::size_t bytes = records_.size() - before;
  if (why.empty() && bytes > kLargest)
    why = "its values take " + std::to_string(bytes) + " bytes; the limit is " + std::to_string(kLargest);
  if (!why.empty()) {
    records_.resize(before);
    current_ = current;
    count_ = records;
    return why;
  }
  if (plain) return {};
  marshal_text(records_, how.stream);
  marshal_integer(records_, how.task);
  records_ += how.asks ? 'T' : 'F';
  marshal_list(records_, static_cast<std::uint32_t>(how.anchors.size()));
  for (const std::int64_t anchor : how.anchors) marshal_integer(records_, anchor);
  return {};
}

void ChildRecords::ack(std::int64_t id) {
  const std::scoped_lock lock(mutex_);
  if (current_ == id) {
    ++count_;
    return marshal_null(records_);
  }
  open(kAck, 2);
  marshal_integer(records_, id);
}

void ChildRecords::fail(std::int64_t id, std::string_view reason) {
  const std::scoped_lock lock(mutex_);
  open(kFail, 3);
  marshal_integer(records_, id);
  marshal_text(records_, as_text(reason));
}

void ChildRecords::log(std::string_view text, std::int64_t level) {
  const std::scoped_lock lock(mutex_);
  open(kLog, 3);
  marshal_text(records_, as_text(text));
  marshal_integer(records_, level);
}

void ChildRecords::error(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  open(kError, 2);
  marshal_text(records_, as_text(text));
}

void ChildRecords::sync() {
  const std::scoped_lock lock(mutex_);
  open(kSync, 2);
  records_ += 'F';
}

std::size_t ChildRecords::bytes() const {
  const std::scoped_lock lock(mutex_);
  return records_.size();
}

std::string ChildRecords::take() {
  const std::scoped_lock lock(mutex_);
  if (count_ == 0) return {};
  std::string payload;
  marshal_list(payload, std::exchange(count_, 0));
  payload += records_;
  records_.clear();
  std::string frame;
  append_frame(frame, FrameKind::records, payload);
  return frame;
}

}  // namespace sparse::multilang
