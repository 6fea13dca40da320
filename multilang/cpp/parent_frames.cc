// The child's side of the batched framing, reading: frames of the parent. For children in C++.
#include "multilang/cpp/parent_frames.h"

#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

namespace sparse::multilang {
namespace {

[[noreturn]] void broken(const std::string& what) { throw std::runtime_error("the parent sent " + what); }

std::uint32_t small(const Cell& cell) {
  if (cell.type() != Type::integer) broken("a value that is no integer");
  const std::int64_t number = ValueView(cell).integer();
  if (number < 0 || number > std::numeric_limits<std::uint32_t>::max()) broken("a number out of range");
  return static_cast<std::uint32_t>(number);
}

/// The one value of a payload.
const Cell* only_value(std::string_view payload, MarshalReader& reader, CellBuilder& builder) {
  reader.start(payload);
  if (!reader.value(builder) || !reader.at_end()) broken("a frame that cannot be read: " + reader.broken());
  return builder.seal(0);
}

}  // namespace

std::optional<ParentFrame> ParentFrames::next() {
  constexpr std::size_t kHeader = BatchProtocol::kHeader;
  if (buffer_.size() - at_ < kHeader) {
    buffer_.erase(0, std::exchange(at_, 0));
    return std::nullopt;
  }
  const char* header = buffer_.data() + at_;
  std::uint32_t length = 0;
  std::memcpy(&length, header, sizeof length);
  if (static_cast<std::uint8_t>(header[4]) != BatchProtocol::kVersion || length > kMessageLimit) broken("what is no batch");
  if (buffer_.size() - at_ < kHeader + length) {
    buffer_.erase(0, std::exchange(at_, 0));
    return std::nullopt;
  }
  ParentFrame frame{static_cast<FrameKind>(header[5]), buffer_.substr(at_ + kHeader, length)};
  at_ += kHeader + length;
  return frame;
}

ParentTuples::ParentTuples(std::string_view payload) {
  reader_.start(payload);
  if (reader_.small_tuple() != 3u || !reader_.value(builder_) || !reader_.value(builder_)) broken("tuples that cannot be read");
  const Cell* head = builder_.seal(0);
  if (head[0].type() != Type::integer || head[1].type() != Type::list) broken("tuples without an id or runs");
  id_ = ValueView(head[0]).integer() - 1;
  const ListView runs = ValueView(head[1]).list();
  if (runs.size() % 2 != 0) broken("half a run");
  for (std::size_t i = 0; i < runs.size(); i += 2) runs_.push_back({small(runs[i].cell()), small(runs[i + 1].cell())});
  if (!reader_.list()) broken("tuples without values");
}

bool ParentTuples::next(const std::vector<TupleSource>& sources) {
  while (run_ < runs_.size() && runs_[run_].left == 0) ++run_;
  if (run_ == runs_.size()) return false;
  --runs_[run_].left;
  ++id_;
  if (source() >= sources.size()) broken("a tuple of a source that was not declared");
  count_ = sources[source()].fields;
  builder_.clear();
  for (std::uint32_t i = 0; i < count_; ++i)
    if (!reader_.value(builder_)) broken("a value that cannot be read: " + reader_.broken());
  cells_ = builder_.seal(0);
  return true;
}

std::vector<std::int64_t> integers_of(std::string_view payload) {
  MarshalReader reader;
  CellBuilder builder;
  const Cell* value = only_value(payload, reader, builder);
  std::vector<std::int64_t> found;
  if (value->type() == Type::integer) return {ValueView(*value).integer()};
  if (value->type() != Type::list) broken("a value that is no integer");
  for (const ValueView item : ValueView(*value).list()) {
    if (item.type() != Type::integer) broken("a value that is no integer");
    found.push_back(item.integer());
  }
  return found;
}

TupleSource source_of(std::string_view payload, std::size_t& number) {
  MarshalReader reader;
  CellBuilder builder;
  const Cell* value = only_value(payload, reader, builder);
  if (value->type() != Type::list || value->size() != 5) broken("a source that is no tuple of five");
  const ListView fields = ValueView(*value).list();
  if (fields[1].type() != Type::string || fields[2].type() != Type::string) broken("a source without its names");
  number = small(fields[0].cell());
  return {std::string(fields[1].string()), std::string(fields[2].string()), small(fields[3].cell()), small(fields[4].cell())};
}

}  // namespace sparse::multilang
