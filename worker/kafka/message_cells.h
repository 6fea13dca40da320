// A message as the values of a tuple: in the fields that the topology asks for, in the formats that it gives. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sparse/value.h>

#include "core/base/result.h"
#include "worker/kafka/consumer.h"
#include "worker/kafka/options.h"

namespace sparse::kafka {

bool is_utf8(std::string_view text);

/// Text and bytes are shown where the message has them. Thread-compatible.
class MessageCells {
 public:
  explicit MessageCells(const SpoutOptions& options);

  /// One string or bytes value, nothing else: then `plain` does.
  bool is_plain() const { return plain_; }
  /// What is wrong with the message, if anything. The cells are good until the next call, and as long as the message and `topic`.
  Result<bool> read(const Message& message, std::string_view topic, std::int32_t partition);
  const Cell* cells() const { return cells_.get(); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(parts_.size()); }

 private:
  enum class Part { topic, partition, offset, key, value, timestamp, headers, member };
  Result<bool> set_text(Cell& cell, std::optional<std::string_view> text, Format format, std::string_view what);
  void set_headers(Cell& cell, const Message& message);

  const Format format_, key_format_;
  std::vector<Part> parts_;
  std::vector<std::string> members_;  ///< by field; of those that are members of a JSON object
  std::unique_ptr<Cell[]> cells_;
  std::unique_ptr<CellArena> arena_;
  std::vector<Value> kept_;  ///< what the arena's cells point into
  std::unique_ptr<Cell[]> header_cells_;
  bool plain_ = false;
  bool has_members_ = false;
};

}  // namespace sparse::kafka
