// A bolt that does what was drawn for it: emits, fails, throws, keeps copies, answers late or never, stalls, holds channels.
#pragma once

#include <vector>

#include "tests/sim/emitting.h"

namespace sparse::sim {

class DrawnBolt final : public worker::ExternalBolt, private Emitting {
 public:
  DrawnBolt(Setting of_world, std::size_t number, std::uint16_t worker, std::uint64_t seed);

  void attach(worker::TaskHost& host) override { host_ = &host; }
  void ready(int, std::uint32_t, Output&) override {}
  void open(Context& context) override;
  void execute(const Tuple& tuple, Output& out) override;
  void tick(Output&) override { accounts().trace.add(Trace::Kind::tick, receiver_.task); }
  void timer(Output& out) override;
  void finish(Output& out) override;

 private:
  /// A copy that waits for its verdict.
  struct Kept {
    Retained copy;
    Roots roots;
    std::uint32_t hops;
    Nanoseconds due;
  };

  void answer(const Tuple& tuple, const Sent& sent, Output& out);
  void keep(const Tuple& tuple, const Sent& sent, bool soon);
  void settle(Kept& kept, Output& out);
  void join(const Sent& sent, Output& out);
  void emit_children(const Sent& sent, Output& out);
  void hold_or_release(Output& out);
  void end_stall();
  std::string draw_reason();

  const BoltPlan& plan_;
  Receiver receiver_;
  Context* context_ = nullptr;
  worker::TaskHost* host_ = nullptr;
  std::vector<Kept> kept_;
  std::uint64_t reasons_ = 0;
  int holds_left_ = 4;
  Nanoseconds stalled_until_ = 0;
};

}  // namespace sparse::sim
