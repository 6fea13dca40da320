// Built-in spout `kafka`: the messages of the partitions that its task owns. See docs/kafka.md.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "worker/components/component.h"
#include "worker/components/figures.h"
#include "worker/kafka/clients.h"
#include "worker/kafka/held_offset.h"
#include "worker/kafka/message_cells.h"
#include "worker/kafka/offset_tracker.h"
#include "worker/kafka/retry_plan.h"

namespace sparse::kafka {

/// Messages stay where librdkafka has put them until their trees are complete: what fails is emitted again from there.
class KafkaSpout final : public worker::ExternalSpout {
 public:
  KafkaSpout(std::shared_ptr<Clients> clients, std::shared_ptr<worker::FigureBoard> figures);
  ~KafkaSpout() override;

  void attach(worker::TaskHost& host) override { host_ = &host; }
  void open(Context& context) override;
  Next next(Output& out) override;
  void ack(MessageId id) override;
  void fail(MessageId id, std::string_view reason) override;
  void timer(Output& out) override;
  void ready(int fd, std::uint32_t events, Output& out) override;
  void close() override;

 private:
  /// One partition that this task owns.
  struct Owned {
    std::string topic;
    std::int32_t partition = 0;
    std::uint16_t number = 0;
    std::int64_t end = kNoOffset;
    std::unique_ptr<PartitionReader> reader;
    OffsetTracker tracker;
    std::deque<Message> kept;  ///< by sequence number, from the tracker's base on
    std::vector<Message> buffer;
    std::size_t buffered = 0, at = 0;  ///< of the buffer
    std::int64_t committed = kNoOffset, asked = kNoOffset;
    Nanoseconds asked_at = 0;
    std::int64_t written_at = -1;  ///< the message that was taken last
    HeldOffset held;
    Nanoseconds nudge_at = 0, nudge_after = 0;
    bool lost = false;  ///< a new reader is on its way
    bool gone = false;  ///< its topic is: the new reader will read another one
    bool told = false;  ///< that its fetching fails
  };
  /// What failed for good, and is not delivered as a dead letter.
  struct Dying {
    std::uint64_t id = 0;
    std::string reason = {};
    Nanoseconds since = 0;
    std::string failure = {};  ///< why it could not be written when that was tried last
  };
  static constexpr unsigned kSequenceBits = 48;

  void take_news();
  void take_commits(bool at_end);
  void take_assignment(Assignment assignment);
  void begin_anew(Owned& owned, const Assignment& assignment);
  bool emit_next(Owned& owned, Output& out);
  bool fill(Owned& owned);
  void nudge_if_stalled(Owned& owned);
  void on_failed_message(Owned& owned, const Message& message);
  void emit_kept(Owned& owned, std::uint64_t sequence, Output& out);
  void emit_message(Owned& owned, const Message& message, std::optional<MessageId> id, Output& out);
  void release(Owned& owned, std::uint64_t sequence);
  bool may_emit(const Owned& owned, std::int64_t offset);
  bool is_full(const Owned& owned) const {
    return options_.guarantee == Guarantee::at_least_once &&
           owned.tracker.uncommitted() >= static_cast<std::size_t>(options_.max_uncommitted);
  }
  const RetryPlan::History* failures_at(const Owned& owned) const;
  Held held(const Owned& owned, Nanoseconds now) const;
  void look_around();
  void give_up(Owned& owned, std::uint64_t sequence, std::string_view reason);
  bool send_dead_letter(std::uint64_t tag);
  void send_unsent(Nanoseconds now);
  void not_written(std::uint64_t tag, std::string_view why);
  std::string dead_letter_state(Nanoseconds now) const;
  void take_deliveries();
  void work_by_time(Nanoseconds now);
  void commit(Nanoseconds now, bool at_end);
  void publish(Nanoseconds now);
  std::string outer_state(Nanoseconds now) const;
  std::string held_state(Nanoseconds now) const;
  bool is_at_end() const;
  void stop(const std::string& reason);
  Owned* owned_by(std::uint64_t id) {
    const std::size_t number = id >> kSequenceBits;
    return number < owned_.size() ? owned_[number].get() : nullptr;
  }
  static std::uint64_t sequence_of(std::uint64_t id) { return id & ((std::uint64_t{1} << kSequenceBits) - 1); }
  static MessageId id_of(const Owned& owned, std::uint64_t sequence) {
    return MessageId{std::uint64_t{owned.number} << kSequenceBits | sequence};
  }

  const std::shared_ptr<Clients> clients_;
  const std::shared_ptr<worker::FigureBoard> figures_;
  worker::TaskHost* host_ = nullptr;
  Context* context_ = nullptr;
  SpoutOptions options_;
  std::optional<MessageCells> cells_;
  std::shared_ptr<ConsumerHub> hub_;
  std::shared_ptr<Membership> member_;
  std::shared_ptr<ProducerHub> dead_letters_;
  std::shared_ptr<Deliveries> deliveries_;
  bool tracked_ = true;

  std::vector<std::unique_ptr<Owned>> owned_;  ///< by number
  std::size_t turn_ = 0;
  RetryPlan retries_;
  DeadLetterGate gate_;
  std::map<std::uint64_t, Dying> dying_;  ///< by tag
  std::deque<std::uint64_t> unsent_;      ///< tags of those that the producer has not
  std::uint64_t last_tag_ = 0;
  Nanoseconds unsent_at_ = 0;        ///< when to try again
  std::string dead_letter_trouble_;  ///< why dead letters are not written, as it was told
  Nanoseconds dead_letter_told_at_ = 0;
  std::uint64_t dead_ = 0, decoded_wrong_ = 0;
  std::size_t failed_bytes_ = 0;  ///< of failed messages that are kept
  Nanoseconds commit_took_ = 0;
  std::uint64_t left_undone_ = 0;  ///< at the end
  Nanoseconds commit_at_ = 0, publish_at_ = 0;
  std::uint32_t until_work_ = 0;
  bool degraded_ = false, stopped_ = false;
};

}  // namespace sparse::kafka
