// The child's side of the batched framing, writing: records of emits, verdicts and log lines to frames. For children in C++.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "multilang/cpp/json_writer.h"

namespace sparse::multilang {

struct ChildEmit {
  std::string_view stream = "default";
  TaskId task = 0;  ///< direct emits
  bool asks = false;
  std::span<const std::int64_t> anchors = {};
};

/// Any thread may append; what one thread appends stays in order.
class ChildRecords {
 public:
  /// The reason why a value cannot be carried; then nothing was appended.
  [[nodiscard]] Uncarried emit(const ChildEmit& how, const Cell* cells, std::uint32_t count);
  void ack(std::int64_t id);
  void fail(std::int64_t id, std::string_view reason);
  void log(std::string_view text, std::int64_t level);
  void error(std::string_view text);
  void sync();

  std::size_t bytes() const;
  /// All of it as one frame; empty if there is nothing.
  std::string take();

 private:
  void open(std::int64_t code, std::uint8_t fields);
  void under_way(std::int64_t id);

  mutable std::mutex mutex_;
  std::string records_;
  std::uint32_t count_ = 0;
  std::optional<std::int64_t> current_;  ///< the tuple under way, as the parent knows it
};

}  // namespace sparse::multilang
