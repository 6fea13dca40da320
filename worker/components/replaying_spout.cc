// Replays before new messages: what failed has waited long enough.
#include "worker/components/replaying_spout.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/counted.h"

namespace sparse::worker {

void ReplayingSpout::attach(TaskHost& host) {
  host_ = &host;
  retries_ = RetryQueue(host.component().retry.value_or(kDefaultRetry));
  tracked_ = topology::config_integer(host.topology(), &host.component(), "topology.acker.executors", 1) != 0;
}

void ReplayingSpout::give_up_message(Output& out, std::uint64_t id, std::span<const Cell> cells, std::string_view reason) {
  host_->failed_for_good(out, MessageId{id}, cells.data(), static_cast<std::uint32_t>(cells.size()), reason);
}

void ReplayingSpout::close() {
  if (!retries_.empty())
    context_->log(Level::warn, counted(retries_.undecided(), "message") + " failed, and the run ends before the next try");
}

Next ReplayingSpout::next_with_failures(Output& out) {
  if (const auto lost = retries_.take_lost()) {
    give_up_message(out, lost->id, recall(lost->id), lost->reason);
    forget(lost->id);
    return Next::emitted;
  }
  const Nanoseconds now = context_->now();
  if (const auto id = retries_.take_due(now)) {
    const std::span<const Cell> cells = recall(*id);
    if (cells.empty()) {
      give_up_message(out, *id, {}, fmt::format("it cannot be emitted again: {}", why_gone()));
      retries_.on_ack(*id);
      forget(*id);
    } else {
      out.emit_cells(Emit{.id = MessageId{*id}}, cells.data(), static_cast<std::uint32_t>(cells.size()));
    }
    return Next::emitted;
  }
  woken_ = false;
  if (!retries_.full() && produce(out) == Next::emitted) return Next::emitted;
  // Never exhausted here: something waits for its replay.
  if (const auto due = retries_.next_due(); due && !woken_) out.wake_after(*due - now);
  return Next::idle;
}

void ReplayingSpout::wake_at(Output& out, Nanoseconds when) {
  woken_ = true;
  if (const auto due = retries_.next_due()) when = std::min(when, *due);
  out.wake_after(std::max<Nanoseconds>(when - context_->now(), 0));
}

}  // namespace sparse::worker
