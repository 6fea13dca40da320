// The batched framing: frames with a length, each with many tuples, or many of what a child makes of them.
#pragma once

#include "multilang/cpp/batch_records.h"
#include "multilang/cpp/framing.h"
#include "multilang/cpp/protocol.h"

namespace sparse::multilang {

enum class FrameKind : std::uint8_t {
  source = 1,
  tuples = 2,
  heartbeat = 3,
  tick = 4,
  finish = 5,
  task_ids = 6,
  commands = 7,
  records = 16,
};

/// Header and payload.
void append_frame(std::string& to, FrameKind kind, std::string_view payload);

class BatchProtocol final : public ChildProtocol {
 public:
  static constexpr std::size_t kHeader = 8;
  static constexpr std::uint8_t kVersion = 1;
  static constexpr std::uint32_t kTuples = 1024;  ///< of one frame

  /// `unread` is what the child has written after its answer to the handshake.
  explicit BatchProtocol(std::string_view unread, std::size_t limit = kMessageLimit);

  std::span<char> room(std::size_t at_least) override;
  void filled(std::size_t count) override { end_ += count; }
  Inbound next() override;
  std::string_view partial() const override { return {buffer_.data() + start_, end_ - start_}; }
  void drop_partial() override { start_ = end_ = 0; }
  bool partial_is_text() const override { return false; }

  Uncarried tuple(std::string& to, const TupleMessage& message) override;
  void heartbeat(std::string& to) override;
  void tick(std::string& to, std::int64_t id, std::int64_t seconds) override;
  void finish(std::string& to, std::int64_t id) override;
  void task_ids(std::string& to, std::span<const TaskId> tasks) override;
  void command(std::string& to, SpoutCommand command, std::string_view id) override;
  bool batches() const override { return true; }
  void ask(std::string& to, std::uint32_t most) override;
  void close_batch(std::string& to) override;
  std::size_t open_bytes() const override { return open_.size(); }
  std::size_t open_messages() const override { return open_count_; }

 private:
  /// Tuples of one task on one stream, with one number of fields.
  struct Source {
    TaskId task;
    std::uint32_t fields;
    std::string component;
    std::string stream;
  };
  struct Run {
    std::uint32_t source;
    std::uint32_t tuples;
  };

  std::uint32_t source(std::string& to, const TupleMessage& message);
  void close_tuples(std::string& to);
  void open(std::string& to, FrameKind kind);
  Inbound lost(std::string rule) const;

  const std::size_t limit_;
  std::string buffer_;  ///< what was read; its size is what there is room for
  std::size_t start_ = 0;
  std::size_t end_ = 0;
  BatchRecords records_;
  std::string odd_;

  std::string open_;  ///< the values, or the commands, of a frame that has no end yet
  std::uint32_t open_count_ = 0;
  std::uint32_t open_values_ = 0;
  std::int64_t open_first_ = 0;  ///< id of the first tuple
  std::vector<Run> open_runs_;
  FrameKind open_kind_ = FrameKind::tuples;
  std::vector<Source> sources_;
  std::size_t last_source_ = 0;
};

}  // namespace sparse::multilang
