// Records of a child's batch to messages.
#include "multilang/cpp/batch_records.h"

#include <algorithm>

namespace sparse::multilang {
namespace {

enum Code : std::int64_t { kEmit = 0, kAck = 1, kFail = 2, kLog = 3, kError = 4, kMetrics = 5, kSync = 6, kColumns = 7 };

constexpr std::int64_t kFieldsMost = 65'535;
constexpr std::uint32_t kRowCells = 512;  // values of one RowsMessage at most

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

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])) |
         static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + 1])) << 8;
}

const Cell* first_of(const Cell& list) { return reinterpret_cast<const Cell*>(list.target()); }

}  // namespace

bool BatchRecords::start(std::string_view payload) {
  left_ = 0;
  in_columns_ = in_tuple_ = false;
  broken_.clear();
  reader_.start(payload);
  const auto count = reader_.list();
  if (!count) return false;
  left_ = *count;
  return true;
}

std::optional<ChildMessage> BatchRecords::lose(std::string why) {
  left_ = 0;
  in_columns_ = false;
  broken_ = std::move(why);
  reader_.start({});
  return std::nullopt;
}

std::optional<ChildMessage> BatchRecords::next() {
  while (in_columns_ || left_ > 0) {
    if (in_columns_) {
      if (auto message = column()) return message;
      if (!broken_.empty()) return std::nullopt;
      continue;
    }
    --left_;
    cells_.clear();
    if (reader_.peek() == ')') {
      if (auto message = tuple_record()) return message;
      if (!broken_.empty()) return std::nullopt;
      continue;
    }
    const bool is_list = reader_.peek() == '[';
    if (!reader_.value(cells_)) return lose(reader_.broken());
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
  if (!reader_.at_end()) return lose("bytes follow the last record of a batch");
  return std::nullopt;
}

// Columns have no message of their own: then there is none, and nothing is broken.
std::optional<ChildMessage> BatchRecords::tuple_record() {
  const auto count = reader_.small_tuple();
  if (!count) return lose("a value is longer than its batch");
  for (std::uint32_t i = 0; i < *count; ++i) {
    // The values of columns stay where they are, and are read one emit at a time.
    if (i == 4 && *count == 5 && cells_.is_integer(0, kColumns)) break;
    if (!reader_.value(cells_)) return lose(reader_.broken());
  }
  rejected_ = reader_.take_rejected();
  const std::uint32_t read = cells_.count_since(0);
  const Cell* fields = cells_.seal(0);
  if (read == *count) return coded(fields, read);
  return start_columns(fields);
}

// (7, first, fields, values of each tuple, [values])
std::optional<ChildMessage> BatchRecords::start_columns(const Cell* fields) {
  const std::int64_t width = integer(fields, 4, 2, 0);
  const auto values = reader_.list();
  if (!has(fields, 4, 1, Type::integer) || !has(fields, 4, 3, Type::bytes) || width < 1 || width > kFieldsMost || !values)
    return lose("a record of columns is not (7, id, number of fields, bytes, list)");
  emits_ = ValueView(fields[3]).bytes();
  std::uint64_t sum = 0;
  bool whole = emits_.size() % 2 == 0;
  for (std::size_t at = 0; whole && at < emits_.size(); at += 2) {
    const std::uint32_t of_tuple = number_at(emits_, at);
    whole = of_tuple % static_cast<std::uint32_t>(width) == 0;
    sum += of_tuple;
  }
  if (!whole || sum != *values) return lose("the numbers of a record of columns do not agree with its values");
  current_ = integer(fields, 4, 1, 0);
  fields_ = static_cast<std::uint32_t>(width);
  in_columns_ = true;
  return std::nullopt;
}

// The next emits or the ack.
std::optional<ChildMessage> BatchRecords::column() {
  if (!in_tuple_) {
    if (emits_.empty()) {
      in_columns_ = false;
      current_.reset();
      return std::nullopt;
    }
    tuple_left_ = number_at(emits_, 0);
    emits_.remove_prefix(2);
    in_tuple_ = true;
  }
  if (tuple_left_ == 0) {
    const AckMessage ack{.number = current_};
    end_tuple();
    return ack;
  }
  if (const std::uint32_t rows = read_rows(); rows != 0) {
    tuple_left_ -= rows * fields_;
    const RowsMessage message{*current_, row_cells_.get(), fields_, rows, tuple_left_ == 0};
    if (message.acked) end_tuple();
    return message;
  }
  tuple_left_ -= fields_;
  cells_.clear();
  for (std::uint32_t i = 0; i < fields_; ++i)
    if (!reader_.value(cells_)) return lose(reader_.broken());
  if (reader_.has_rejected() || !rejected_.empty()) rejected_ = reader_.take_rejected();
  return plain_emit(cells_.seal(0), fields_);
}

// As many emits of the tuple under way as have values without anything special about them.
std::uint32_t BatchRecords::read_rows() {
  if (fields_ > kRowCells) return 0;
  if (!row_cells_) row_cells_ = std::make_unique<Cell[]>(kRowCells);
  return reader_.rows(row_cells_.get(), fields_, std::min(tuple_left_, kRowCells) / fields_);
}

void BatchRecords::end_tuple() {
  in_tuple_ = false;
  current_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(*current_) + 1);
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
