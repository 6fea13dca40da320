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

  Result<std::string> handshake(const Handshake& handshake) const override;
  Uncarried tuple(std::string& to, const TupleMessage& message) const override;
  void heartbeat(std::string& to) const override;
  void tick(std::string& to, std::int64_t id, std::int64_t seconds) const override;
  void finish(std::string& to, std::int64_t id) const override;
  void task_ids(std::string& to, std::span<const TaskId> tasks) const override;
  void command(std::string& to, SpoutCommand command, std::string_view id) const override;

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
