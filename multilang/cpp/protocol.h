// The seam between a child's driver and the protocol that the child speaks.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "multilang/cpp/context.h"
#include "multilang/cpp/json_writer.h"
#include "multilang/cpp/message.h"

namespace sparse::multilang {

struct Nothing {};  ///< no further message is complete
/// What the child wrote between messages: its own output.
struct OutputText {
  std::string_view text;
};
/// Where the next message starts cannot be known any more.
struct LostFraming {
  std::string rule;            ///< what was broken
  std::string_view text = {};  ///< where
};
using Inbound = std::variant<Nothing, ChildMessage, OutputText, LostFraming>;

struct TupleMessage {
  std::int64_t id = 0;
  std::string_view component;
  std::string_view stream;
  TaskId task = 0;
  const Cell* cells = nullptr;
  std::uint32_t count = 0;
};

enum class SpoutCommand { activate, deactivate, next, ack, fail };

/// Bytes to messages and back. Pure: it never reads or writes by itself. One for each child process.
class ChildProtocol {
 public:
  virtual ~ChildProtocol() = default;

  /// Where the next bytes from the child go; ends all views given out.
  virtual std::span<char> room(std::size_t at_least) = 0;
  virtual void filled(std::size_t count) = 0;
  /// The next message. What it shows is valid until the next call of `next` or `room`.
  virtual Inbound next() = 0;
  /// What is there of a message without its end.
  virtual std::string_view partial() const = 0;
  /// Gives up what `partial` shows.
  virtual void drop_partial() = 0;

  /// What `partial` shows is the child's own output, rather than the start of a message.
  virtual bool partial_is_text() const = 0;

  // Messages to the child are appended to `to`; in the batched framing some wait for `close_batch`.
  /// The reason why a value cannot be carried; `to` is then as it was.
  [[nodiscard]] virtual Uncarried tuple(std::string& to, const TupleMessage& message) = 0;
  virtual void heartbeat(std::string& to) = 0;
  virtual void tick(std::string& to, std::int64_t id, std::int64_t seconds) = 0;
  /// The last tuple of all, for children that asked for it.
  virtual void finish(std::string& to, std::int64_t id) = 0;
  virtual void task_ids(std::string& to, std::span<const TaskId> tasks) = 0;
  /// `id` is JSON text; empty for commands without one.
  virtual void command(std::string& to, SpoutCommand command, std::string_view id) = 0;

  /// True: several spout commands may be written together, and one `sync` answers them.
  virtual bool batches() const = 0;
  /// Spouts: `next`, for up to `most` emits where the framing can say so.
  virtual void ask(std::string& to, std::uint32_t most) = 0;
  /// What was appended as tuples or commands so far can be written after this.
  virtual void close_batch(std::string& to) = 0;
  /// What waits for `close_batch`.
  virtual std::size_t open_bytes() const = 0;
  virtual std::size_t open_messages() const = 0;
};

}  // namespace sparse::multilang
