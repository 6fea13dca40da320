// What a child says: one type per message of the multi-lang protocol. The views end with the next parse.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <sparse/value.h>

namespace sparse::multilang {

/// The name under which the batched framing is offered and accepted.
inline constexpr std::string_view kBatchFraming = "batch-1";

/// The answer to the handshake.
struct PidMessage {
  std::int64_t pid = 0;
  bool finish = false;   ///< it wants a final tuple when its inputs have ended
  bool batches = false;  ///< what follows is in the batched framing
};

struct EmitMessage {
  const Cell* cells = nullptr;
  std::uint32_t count = 0;
  std::string_view stream = "default";
  std::span<const std::string_view> anchors = {};     ///< JSON texts of ids, as the child wrote them
  std::span<const std::int64_t> anchor_numbers = {};  ///< the same in the batched framing
  std::string_view id = {};                           ///< spouts: JSON text of the message id; empty: not tracked
  std::int64_t task = 0;                              ///< direct emits; 0: not direct
  bool need_task_ids = true;
  std::string_view rejected = {};  ///< why the values cannot be carried; then there are no cells
};

/// Batched framing: what one tuple has emitted on the default stream, anchored to it alone, without task ids.
struct RowsMessage {
  std::int64_t id = 0;          ///< of the tuple
  const Cell* cells = nullptr;  ///< `rows` times `fields`
  std::uint32_t fields = 0;
  std::uint32_t rows = 0;
  bool acked = false;  ///< these were its last ones, and it is acked
};

struct AckMessage {
  std::string_view id = {};                           ///< JSON text, as the child wrote it
  std::optional<std::int64_t> number = std::nullopt;  ///< the same in the batched framing
};
struct FailMessage {
  std::string_view id = {};
  std::string_view reason = {};  ///< empty: none was given
  std::optional<std::int64_t> number = std::nullopt;
};
struct LogMessage {
  std::string_view text;
  std::int64_t level = 2;  ///< 0 trace, 1 debug, 2 info, 3 warn, 4 error
};
struct ErrorMessage {
  std::string_view text;
};
struct SyncMessage {
  bool exhausted = false;  ///< spouts: nothing new, ever
};
struct MetricsMessage {
  std::string_view name;
  std::string_view params;  ///< JSON text
};
/// An object, but none of the above: an unknown command, or a required key that is missing.
struct OddMessage {
  std::string_view what;
};

using ChildMessage = std::variant<PidMessage, EmitMessage, AckMessage, FailMessage, LogMessage, ErrorMessage, SyncMessage,
                                  MetricsMessage, OddMessage, RowsMessage>;

}  // namespace sparse::multilang
