// A bolt that runs as a child process, in any language.
#pragma once

#include <deque>

#include "worker/components/ahead_answers.h"
#include "worker/components/child_driver.h"
#include "worker/components/child_window.h"
#include "worker/components/component.h"
#include "worker/components/held_inputs.h"

namespace sparse::worker {

/// Needs the component to be of the manual-ack kind: each input is kept until the child has given its verdict.
class ShellBolt final : public ExternalBolt, private ChildOwner {
 public:
  explicit ShellBolt(ShellSettings settings);

  void attach(TaskHost& host) override { driver_.attach(host); }
  void ready(int fd, std::uint32_t events, Output& out) override { driver_.ready(fd, events, out); }
  void open(Context& context) override;
  void execute(const Tuple& input, Output& out) override;
  void tick(Output& out) override;
  void timer(Output& out) override;
  void finish(Output& out) override;
  void close() override;

 private:
  void child_is_up() override;
  void child_says(const multilang::ChildMessage& message, Output& out) override;
  void child_spoke() override { ahead_->heard(); }
  std::string child_died(const std::string& reason, bool killed_from_outside, Output& out) override;
  std::optional<Nanoseconds> owed_since() const override { return std::nullopt; }
  bool wants_heartbeats() const override { return true; }
  bool is_full() const override;

  void emit(const multilang::EmitMessage& message, Output& out);
  void rows(const multilang::RowsMessage& message, Output& out);
  void row_by_row(const multilang::RowsMessage& message, Output& out);
  using Id = std::optional<std::int64_t>;
  /// `text`: the id as the child wrote it.
  void verdict(Id id, std::string_view text, bool failed, std::string_view reason, Output& out);
  void settle(HeldInput& held, bool failed, std::string_view reason);
  void anchor_to(Id id, std::string_view text);
  multilang::Uncarried write(std::int64_t id, const Tuple& tuple);
  void complain_of_uncarried(const Tuple& tuple, const std::string& why);
  void write_early();
  void refuse(const std::string& reason);
  bool is_untracked(std::int64_t id) const;
  void answer(const std::vector<TaskId>& tasks);
  void send_finish();
  void forget_old(Nanoseconds now);
  void look_at_window(Nanoseconds now);

  ChildDriver driver_;
  std::unique_ptr<AheadAnswers> ahead_;
  HeldInputs held_;
  std::deque<std::int64_t> ticks_;  ///< their ids: may be acked and anchored to, and mean nothing
  /// Inputs that came before the child had said in which framing it reads, with their values.
  std::vector<std::pair<std::int64_t, Retained>> early_;
  Nanoseconds now_ = 0;  ///< some time in the last second
  std::int64_t last_id_ = 0;
  std::int64_t finish_id_ = 0;
  std::uint32_t row_fields_ = 0;  ///< values of an emit on the default stream; 0: there is none, or it is direct
  bool finishing_ = false;
  ChildWindow window_{1, 1};
  std::size_t settled_ = 0;  ///< since the last look at the window
  bool full_ = true;         ///< all the time since then
  bool collects_ = false;    ///< it answered a heartbeat while it held all that it may
  Nanoseconds window_at_ = 0;
  Nanoseconds first_look_ = 0;    ///< 0: it has been
  std::size_t most_waiting_ = 0;  ///< `topology.shellbolt.max.pending`; 0: by bytes alone
  std::int64_t tick_seconds_ = 0;
  Nanoseconds forget_after_ = 0;
  Nanoseconds forget_at_ = 0;
  Nanoseconds probe_until_ = 0;
  // One input at a time tells how long the child takes.
  std::int64_t timed_id_ = 0;
  TaskId timed_source_ = 0;
  Nanoseconds timed_since_ = 0;

  // Of the emit under way, kept for their memory.
  std::vector<InputShare*> anchors_;
  std::vector<std::int64_t> anchor_ids_;
  std::vector<TaskId> targets_;
};

}  // namespace sparse::worker
