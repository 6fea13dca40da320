// Built-in bolt `kafka`: each tuple becomes a record, and is acked when the brokers have it. See docs/kafka.md.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "worker/components/component.h"
#include "worker/components/figures.h"
#include "worker/kafka/clients.h"
#include "worker/kafka/record_batch.h"
#include "worker/kafka/record_window.h"
#include "worker/kafka/sink_state.h"

namespace sparse::kafka {

/// Registered with manual acks, unless nothing is guaranteed. While enough is under way, it takes no tuples.
class KafkaSink final : public worker::ExternalBolt {
 public:
  KafkaSink(std::shared_ptr<Clients> clients, std::shared_ptr<worker::FigureBoard> figures)
      : clients_(std::move(clients)), figures_(std::move(figures)) {}

  ~KafkaSink() override {
    if (hub_ && deliveries_) hub_->leave(deliveries_);  // `open` has thrown
  }
  void attach(worker::TaskHost& host) override { host_ = &host; }
  void open(Context& context) override;
  void execute(const Tuple& input, Output& out) override;
  void ready(int fd, std::uint32_t events, Output& out) override;
  void timer(Output& out) override;
  void finish(Output& out) override;
  void close() override;

 private:
  /// What the verdict on a record is for.
  struct UnderWay {
    [[no_unique_address]] worker::InputShare share = {};
    bool open = false;  ///< it has no verdict yet
  };
  bool names_topic(std::string_view name);
  bool read_record(const Tuple& tuple, Record& record, std::string& why);
  /// Where a field stands in the tuples that came last.
  struct Place {
    TaskId source = kNoTask;
    std::uint16_t stream = 0;
    int index = -1;
  };
  static const Cell* field(const Tuple& tuple, const std::string& name, Place& place, std::string& why);
  std::string_view text_of(const Cell& cell, std::string& room) const;
  void settle_all();
  std::uint64_t keep(const Tuple& input);
  void settle_delivered(std::uint64_t tag);
  void settle_failed(const Outcome& outcome);
  void tell(std::string_view what);
  void give_verdict(std::uint64_t tag, bool failed, std::string_view reason);
  void hand_over();
  void call_at(Nanoseconds at);
  void update_pause();
  void update_end();
  void publish();

  const std::shared_ptr<Clients> clients_;
  const std::shared_ptr<worker::FigureBoard> figures_;
  worker::TaskHost* host_ = nullptr;
  Context* context_ = nullptr;
  SinkOptions options_;
  std::shared_ptr<ProducerHub> hub_;
  std::shared_ptr<Deliveries> deliveries_;

  std::vector<UnderWay> under_way_;  ///< by tag, but for a sink that guarantees nothing: its tags are numbers
  std::vector<std::uint64_t> free_;  ///< tags; the one used last is in the cache
  std::uint64_t next_ = 0;           ///< the number of the next record
  std::uint64_t open_ = 0;           ///< records without an outcome
  RecordWindow window_;              ///< the task is paused while as many are open
  RecordBatch batch_;                ///< of one round, or what finds no room; the task is paused then
  std::uint64_t delivered_ = 0, failed_ = 0;
  std::string last_failure_;
  SinkHealth health_;
  Nanoseconds told_at_ = 0;
  Nanoseconds heard_at_ = 0;                       ///< the last outcome, or the first record that waits for one
  Nanoseconds hand_over_at_ = 0, publish_at_ = 0;  ///< when timers are due; 0: none is set
  bool finishing_ = false;

  Place topic_place_, key_place_, value_place_, headers_place_, partition_place_;
  // Room for what is made of fields.
  std::string key_room_, value_room_, topic_room_;
  std::string last_topic_;  ///< of a field, and right
  std::vector<Header> headers_;
  std::deque<std::string> header_rooms_;
};

}  // namespace sparse::kafka
