// Built-in bolt `kafka`: each tuple becomes a record, and is acked when the brokers have it. See docs/kafka.md.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "worker/components/component.h"
#include "worker/components/figures.h"
#include "worker/kafka/clients.h"

namespace sparse::kafka {

/// Registered with manual acks, unless nothing is guaranteed. While the producer has no room, it takes no tuples.
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
  enum class Sent { yes, no_room, wrong };
  /// A record that was handed over: what its verdict is for.
  struct UnderWay {
    worker::InputShare share = {};
    Retained tuple = {};  ///< instead, if it had to wait for room
    bool open = true;     ///< it has no verdict yet
  };
  Sent send(const Tuple& tuple, std::uint64_t tag, std::string& why);
  bool read_record(const Tuple& tuple, Record& record, std::string& why);
  const Cell* field(const Tuple& tuple, const std::string& name, std::string& why) const;
  std::string_view text_of(const Cell& cell, std::string& room) const;
  void settle(const Outcome& outcome);
  void give_verdict(UnderWay& record, bool failed, std::string_view reason);
  void wait_for_room();
  void send_waiting();
  void update_end();
  std::string state() const;
  void publish();

  const std::shared_ptr<Clients> clients_;
  const std::shared_ptr<worker::FigureBoard> figures_;
  worker::TaskHost* host_ = nullptr;
  Context* context_ = nullptr;
  SinkOptions options_;
  std::shared_ptr<ProducerHub> hub_;
  std::shared_ptr<Deliveries> deliveries_;

  std::deque<UnderWay> under_way_;  ///< by tag, from `first_` on
  std::uint64_t first_ = 1, next_ = 1;
  std::uint64_t open_ = 0;        ///< records without an outcome
  std::deque<Retained> waiting_;  ///< for room in the producer; the task is paused meanwhile
  std::uint64_t delivered_ = 0, failed_ = 0;
  std::string last_failure_;
  Nanoseconds told_at_ = 0;
  Nanoseconds heard_at_ = 0;                  ///< the last outcome, or the first record that waits for one
  Nanoseconds room_at_ = 0, publish_at_ = 0;  ///< when timers are due; 0: none is set
  bool finishing_ = false;

  // Room for what is made of fields.
  std::string key_room_, value_room_, topic_room_;
  std::vector<Header> headers_;
  std::deque<std::string> header_rooms_;
};

}  // namespace sparse::kafka
