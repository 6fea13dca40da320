// A spout that runs as a child process, in any language.
#pragma once

#include <deque>
#include <unordered_map>

#include "worker/components/child_driver.h"
#include "worker/components/component.h"

namespace sparse::worker {

/// One command at a time, or in the batched framing one batch of them: the next one is written when the child has said `sync`.
class ShellSpout final : public ExternalSpout, private ChildOwner {
 public:
  explicit ShellSpout(ShellSettings settings);

  void attach(TaskHost& host) override { driver_.attach(host); }
  void ready(int fd, std::uint32_t events, Output& out) override { driver_.ready(fd, events, out); }
  void open(Context& context) override;
  Next next(Output& out) override;
  void ack(MessageId id) override { verdict(id, multilang::SpoutCommand::ack); }
  void fail(MessageId id, std::string_view reason) override;
  void timer(Output& out) override { driver_.timer(out); }
  void activate() override { set_active(true); }
  void deactivate() override { set_active(false); }
  void close() override { driver_.close(); }

 private:
  struct Waiting {
    multilang::SpoutCommand command;
    std::string id;
  };

  void child_is_up() override;
  void child_says(const multilang::ChildMessage& message, Output& out) override;
  std::string child_died(const std::string& reason, bool killed_from_outside, Output& out) override;
  std::optional<Nanoseconds> owed_since() const override;
  bool wants_heartbeats() const override { return false; }

  void verdict(MessageId id, multilang::SpoutCommand command);
  void set_active(bool active);
  void command(multilang::SpoutCommand command, std::string id);
  void send(multilang::SpoutCommand command, std::string_view id);
  void ask();
  void send_waiting();
  void synced(bool exhausted);
  void emit(const multilang::EmitMessage& message, Output& out);

  ChildDriver driver_;
  std::unordered_map<std::uint64_t, std::string> ids_;  ///< the child's own ids, as JSON text, until their verdict
  std::uint64_t last_id_ = 0;
  std::deque<Waiting> waiting_;                  ///< commands; bounded by the trees that are open
  std::optional<multilang::SpoutCommand> sent_;  ///< the one without its `sync`
  Nanoseconds sent_at_ = 0;
  std::size_t most_open_ = 1'000'000;  ///< `topology.max.spout.pending`
  bool active_ = true;
  bool emitted_ = false;       ///< since the last `next`
  bool last_emitted_ = false;  ///< the `next` before
  bool exhausted_ = false;
  std::vector<TaskId> targets_;
};

}  // namespace sparse::worker
