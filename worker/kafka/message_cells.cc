// Formats of keys and values.
#include "worker/kafka/message_cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "worker/kafka/message_json.h"

namespace sparse::kafka {

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  while (at != end) {
    // Eight plain characters at a time.
    std::uint64_t word = 0;
    while (end - at >= 8 && (std::memcpy(&word, at, 8), (word & 0x8080808080808080ull) == 0)) at += 8;
    if (at == end) break;
    if (*at < 0x80) {
      ++at;
      continue;
    }
    const int length = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
    if (*at < 0xc2 || *at > 0xf4 || end - at < length) return false;
    const unsigned char second = at[1];
    if (second < (*at == 0xe0 ? 0xa0 : *at == 0xf0 ? 0x90 : 0x80) || second > (*at == 0xed ? 0x9f : *at == 0xf4 ? 0x8f : 0xbf))
      return false;
    for (int i = 2; i < length; ++i)
      if (at[i] < 0x80 || at[i] > 0xbf) return false;
    at += length;
  }
  return true;
}

MessageCells::MessageCells(const SpoutOptions& options) : format_(options.format), key_format_(options.key_format) {
  constexpr std::string_view names[] = {"topic", "partition", "offset", "key", "value", "timestamp", "headers"};
  for (const std::string& field : options.fields) {
    const auto found = std::ranges::find(names, field);
    parts_.push_back(static_cast<Part>(found - std::begin(names)));
    members_.push_back(field);
    has_members_ |= parts_.back() == Part::member;
  }
  cells_ = std::make_unique<Cell[]>(std::max<std::size_t>(1, parts_.size()));
  plain_ = parts_.size() == 1 && parts_[0] == Part::value && format_ != Format::json;
}

Result<bool> MessageCells::set_text(Cell& cell, std::optional<std::string_view> text, Format format, std::string_view what) {
  if (!text) {
    cell.set_null();
    return true;
  }
  switch (format) {
    case Format::bytes: cell.set(Bytes{*text}); return true;
    case Format::string:
      if (!is_utf8(*text)) return Error{fmt::format("its {} is not UTF-8, and the format is `string`: use `bytes`", what)};
      cell.set(*text);
      return true;
    case Format::json: break;
  }
  auto value = read_json(*text);
  if (!value) return Error{fmt::format("its {} cannot be read as `json`: {}", what, value.error().message)};
  kept_.push_back(std::move(*value));
  arena_->set(cell, kept_.back());
  return true;
}

void MessageCells::set_headers(Cell& cell, const Message& message) {
  const std::vector<Header> headers = message.headers();
  header_cells_ = std::make_unique<Cell[]>(std::max<std::size_t>(1, headers.size() * 2));
  for (std::size_t i = 0; i < headers.size(); ++i) {
    header_cells_[2 * i].set(headers[i].name);
    if (!headers[i].value)
      header_cells_[2 * i + 1].set_null();
    else if (is_utf8(*headers[i].value))
      header_cells_[2 * i + 1].set(*headers[i].value);
    else
      header_cells_[2 * i + 1].set(Bytes{*headers[i].value});
  }
  cell.set_map(header_cells_.get(), static_cast<std::uint32_t>(headers.size()));
}

Result<bool> MessageCells::read(const Message& message, std::string_view topic, std::int32_t partition) {
  // The arena's values must not move while cells point into them.
  arena_ = std::make_unique<CellArena>();
  kept_.clear();
  kept_.reserve(3);
  const Value* object = nullptr;
  if (has_members_ && message.value()) {
    auto value = read_json(*message.value());
    if (!value) return Error{fmt::format("its value cannot be read as `json`: {}", value.error().message)};
    kept_.push_back(std::move(*value));
    object = &kept_.back();
    if (object->type() != Type::map) return Error{"its value is JSON, but no object that has members"};
  }
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Cell& cell = cells_[i];
    Result<bool> done = true;
    switch (parts_[i]) {
      case Part::topic: cell.set(topic); break;
      case Part::partition: cell.set(static_cast<std::int64_t>(partition)); break;
      case Part::offset: cell.set(message.offset()); break;
      case Part::key: done = set_text(cell, message.key(), key_format_, "key"); break;
      case Part::value:
        if (object)
          arena_->set(cell, *object);
        else
          done = set_text(cell, message.value(), format_, "value");
        break;
      case Part::timestamp: cell.set(message.timestamp()); break;
      case Part::headers: set_headers(cell, message); break;
      case Part::member: {
        const Value* member = object ? object->find(members_[i]) : nullptr;
        if (member)
          arena_->set(cell, *member);
        else
          cell.set_null();
      }
    }
    if (!done) return done;
  }
  return true;
}

}  // namespace sparse::kafka
