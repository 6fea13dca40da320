// What the built-in spouts share: a failed message is emitted again by the retry rule, and past its limit it is given up.
#pragma once

#include <optional>
#include <span>

#include "worker/components/component.h"
#include "worker/components/retry_queue.h"

namespace sparse::worker {

/// A spout says how to produce the next message and how to find an earlier one again. Every message has an id.
class ReplayingSpout : public ExternalSpout {
 public:
  void attach(TaskHost& host) override;
  void open(Context& context) override { context_ = &context; }
  Next next(Output& out) final {
    if (retries_.empty()) [[likely]]
      return produce(out);
    return next_with_failures(out);
  }
  void ack(MessageId id) final {
    retries_.on_ack(id.value);
    forget(id.value);
  }
  void fail(MessageId id, std::string_view reason) final { retries_.on_fail(id.value, reason, context_->now()); }
  void ready(int, std::uint32_t, Output&) override {}
  /// Says what still waits to be tried again, and will not be.
  void close() override;

 protected:
  /// Emits the next message, if there is one. Asks to be woken by `wake_at`, not by the output itself.
  virtual Next produce(Output& out) = 0;
  void wake_at(Output& out, Nanoseconds when);
  /// The values of a message that has no final verdict, valid until the next call; empty if they cannot be had any more,
  /// then `why_gone` says why.
  virtual std::span<const Cell> recall(std::uint64_t id) = 0;
  virtual std::string_view why_gone() const { return "its values are not kept"; }
  /// The message has its final verdict.
  virtual void forget(std::uint64_t) {}

  /// Gives a message up that was never emitted, because it cannot be.
  void give_up_message(Output& out, std::uint64_t id, std::span<const Cell> cells, std::string_view reason);

  TaskHost& host() const { return *host_; }
  Context& context() const { return *context_; }
  /// False if the topology tracks nothing (`topology.acker.executors: 0`): then no verdicts come, and copies need not be kept.
  bool tracked() const { return tracked_; }

 private:
  Next next_with_failures(Output& out);

  TaskHost* host_ = nullptr;
  Context* context_ = nullptr;
  RetryQueue retries_;
  bool tracked_ = true;
  bool woken_ = false;  ///< this call of `next` has asked to be woken
};

}  // namespace sparse::worker
