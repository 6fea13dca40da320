// Records of a child's batch to messages.
#include "multilang/cpp/batch_records.h"

namespace sparse::multilang {
namespace {

enum Code : std::int64_t { kEmit = 0, kAck = 1, kFail = 2, kLog = 3, kError = 4, kMetrics = 5, kSync = 6 };

bool has(const Cell* fields, std::uint32_t count, std::uint32_t field, Type type) {
  return field < count && fields[field].type() == type;
}

std::string_view text(const Cell* fields, std::uint32_t count, std::uint32_t field) {
  return has(fields, count, field, Type::string) ? ValueView(fields[field]).string() : std::string_view();
}

std::int64_t integer(const Cell* fields, std::uint32_t count, std::uint32_t field, std::int64_t fallback) {
  return has(fields, count, field, Type::integer) ? ValueView(fields[field]).integer() : fallback;
}

bool boolean(const Cell* fields, std::uint32_t count, std::uint32_t field, bool fallback) {
  return has(fields, count, field, Type::boolean) ? ValueView(fields[field]).boolean() : fallback;
}

const Cell* first_of(const Cell& list) { return reinterpret_cast<const Cell*>(list.target()); }

}  // namespace

bool BatchRecords::start(std::string_view payload) {
  left_ = 0;
  broken_.clear();
  reader_.start(payload);
  const auto count = reader_.list();
  if (!count) return false;
  left_ = *count;
  return true;
}

std::optional<ChildMessage> BatchRecords::next() {
  while (left_ > 0) {
    --left_;
    cells_.clear();
    const bool is_list = reader_.peek() == '[';
    if (!reader_.value(cells_)) {
      left_ = 0;
      broken_ = reader_.broken();
      return std::nullopt;
    }
    rejected_ = reader_.take_rejected();
    const Cell& cell = *cells_.seal(0);
    switch (cell.type()) {
      case Type::integer: current_ = ValueView(cell).integer(); break;
      case Type::boolean: current_.reset(); break;
      case Type::null:
        if (!current_) return odd("an ack of the tuple under way when there was none");
        return AckMessage{.number = current_};
      case Type::list: return is_list ? plain_emit(first_of(cell), cell.size()) : coded(first_of(cell), cell.size());
      default: return odd("a record of type " + std::string(type_name(cell.type())));
    }
  }
  if (!reader_.at_end()) {
    broken_ = "bytes follow the last record of a batch";
    reader_.start({});
  }
  return std::nullopt;
}

ChildMessage BatchRecords::odd(std::string what) {
  odd_ = std::move(what);
  return OddMessage{odd_};
}

ChildMessage BatchRecords::plain_emit(const Cell* cells, std::uint32_t count) {
  EmitMessage emit;
  emit.need_task_ids = false;
  anchors_.clear();
  if (current_) anchors_.push_back(*current_);
  emit.anchor_numbers = anchors_;
  if (rejected_.empty()) {
    emit.cells = cells;
    emit.count = count;
  }
  emit.rejected = rejected_;
  return emit;
}

// (0, values, stream, task, need_task_ids, anchors, id)
ChildMessage BatchRecords::emit(const Cell* fields, std::uint32_t count) {
  if (!has(fields, count, 1, Type::list)) return odd("an emit without a list of values");
  ChildMessage message = plain_emit(first_of(fields[1]), fields[1].size());
  auto& emit = std::get<EmitMessage>(message);
  if (has(fields, count, 2, Type::string)) emit.stream = text(fields, count, 2);
  emit.task = integer(fields, count, 3, 0);
  emit.need_task_ids = boolean(fields, count, 4, false);
  if (has(fields, count, 5, Type::list)) {
    anchors_.clear();
    for (const ValueView anchor : ValueView(fields[5]).list()) {
      if (anchor.type() != Type::integer) return odd("an emit with an anchor that is no integer");
      anchors_.push_back(anchor.integer());
    }
    emit.anchor_numbers = anchors_;
  }
  emit.id = text(fields, count, 6);
  return message;
}

ChildMessage BatchRecords::coded(const Cell* fields, std::uint32_t count) {
  const std::int64_t code = integer(fields, count, 0, -1);
  switch (code) {
    case kEmit: return emit(fields, count);
    case kAck:
    case kFail:
      if (!has(fields, count, 1, Type::integer)) return odd(code == kAck ? "an ack without an id" : "a fail without an id");
      if (code == kAck) return AckMessage{.number = integer(fields, count, 1, 0)};
      return FailMessage{.reason = text(fields, count, 2), .number = integer(fields, count, 1, 0)};
    case kLog: return LogMessage{text(fields, count, 1), integer(fields, count, 2, 2)};
    case kError: return ErrorMessage{text(fields, count, 1)};
    case kMetrics: return MetricsMessage{text(fields, count, 1), text(fields, count, 2)};
    case kSync: return SyncMessage{boolean(fields, count, 1, false)};
    default: return odd("a record with the unknown code " + std::to_string(code));
  }
}

}  // namespace sparse::multilang
