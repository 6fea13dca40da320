// Storm's multi-lang protocol: JSON, each message followed by a line `end`.
#pragma once

#include "multilang/cpp/framing.h"
#include "multilang/cpp/json_reader.h"
#include "multilang/cpp/protocol.h"
#include "multilang/cpp/salvage.h"

namespace sparse::multilang {

class JsonProtocol final : public ChildProtocol {
 public:
  explicit JsonProtocol(std::size_t limit = kMessageLimit) : limit_(limit), framer_(limit) {}

  std::span<char> room(std::size_t at_least) override;
  void filled(std::size_t count) override { framer_.filled(count); }
  Inbound next() override;
  std::string_view partial() const override { return framer_.partial(); }
  void drop_partial() override { framer_.clear(); }

  bool partial_is_text() const override;

  /// The first message of all, in this framing always.
  static Result<std::string> handshake(const Handshake& handshake);
  Uncarried tuple(std::string& to, const TupleMessage& message) override;
  void heartbeat(std::string& to) override;
  void tick(std::string& to, std::int64_t id, std::int64_t seconds) override;
  void finish(std::string& to, std::int64_t id) override;
  void task_ids(std::string& to, std::span<const TaskId> tasks) override;
  void command(std::string& to, SpoutCommand command, std::string_view id) override;
  bool batches() const override { return false; }
  void ask(std::string& to, std::uint32_t) override { command(to, SpoutCommand::next, {}); }
  void close_batch(std::string&) override {}
  std::size_t open_bytes() const override { return 0; }
  std::size_t open_messages() const override { return 0; }

 private:
  Inbound next_piece();
  Inbound lost(BadText bad, std::string_view text) const;

  const std::size_t limit_;
  Framer framer_;
  JsonReader reader_;
  std::vector<Piece> pieces_;  ///< of a frame that held more than one message
  std::size_t next_piece_ = 0;
};

}  // namespace sparse::multilang
