// Drives one child process for one task: starts it, talks to it without ever waiting, watches over it, starts it again.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "multilang/cpp/protocol.h"
#include "worker/components/complaints.h"
#include "worker/components/component.h"
#include "worker/components/outbox.h"
#include "worker/components/restart_policy.h"
#include "worker/components/shell_settings.h"
#include "worker/components/stderr_lines.h"

namespace sparse::worker {

/// What a bolt or spout makes of its child's life. Calls come inside the driver's `ready` and `timer`.
class ChildOwner {
 public:
  virtual ~ChildOwner() = default;
  /// The child has answered the handshake.
  virtual void child_is_up() = 0;
  /// Emit, ack, fail and sync; before it, `child_spoke` for every message.
  virtual void child_says(const multilang::ChildMessage& message, Output& out) = 0;
  virtual void child_spoke() {}
  /// Everything that it held fails with this reason. Returns how that is said in the log: "12 tuples in flight failed".
  virtual std::string child_died(const std::string& reason, bool killed_from_outside, Output& out) = 0;
  /// The child was asked for something at this time and owes an answer; empty: it owes nothing, and gets heartbeats instead.
  virtual std::optional<Nanoseconds> owed_since() const = 0;
  virtual bool wants_heartbeats() const = 0;
  /// True if the task should get no more tuples for the moment.
  virtual bool is_full() const { return false; }
};

/// Lives on the loop's thread.
class ChildDriver {
 public:
  ChildDriver(ShellSettings settings, ChildOwner& owner);
  ~ChildDriver();
  ChildDriver(const ChildDriver&) = delete;
  ChildDriver& operator=(const ChildDriver&) = delete;

  void attach(TaskHost& host) { host_ = &host; }
  void open(Context& context);
  void ready(int fd, std::uint32_t events, Output& out);
  void timer(Output& out);
  void close();

  bool is_up() const { return state_ == State::up; }
  /// The child announced that it wants the final tuple.
  bool wants_finish() const { return wants_finish_; }
  multilang::ChildProtocol& protocol() { return *protocol_; }
  const multilang::ChildProtocol& protocol() const { return *protocol_; }
  /// Append to it, then call `queued`, or `flush` if the child waits for it.
  Outbox& outbox() { return outbox_; }
  const Outbox& outbox() const { return outbox_; }
  void queued();
  void flush();
  /// Pauses the task, or lets it go on.
  void update_pause();
  /// Work came back: the child is of use.
  void worked() { worked_ = true; }
  /// `timer` is called by then.
  void call_by(Nanoseconds when);

  const ShellLimits& limits() const { return settings_.limits; }
  TaskHost& host() { return *host_; }
  const TaskHost& host() const { return *host_; }
  Context& context() { return *context_; }
  void complain(Complaint kind, Level level, const std::string& text) { complaints_.make(kind, level, *context_, text); }
  const Complaints& complaints() const { return complaints_; }

 private:
  enum class State { down, starting, up, stopped };

  // child_driver.cc: reading and writing. Without an Output the task is being closed, and emits come too late.
  void read_stdout(Output* out);
  process::Io::State read_some(Output* out);
  void read_last_words(Output* out);
  void read_stderr();
  bool pump(Output* out);
  void hear(const multilang::ChildMessage& message, Output* out);
  void show_output(std::string_view text);
  void watch_stdin(bool wanted);
  bool write_handshake();

  // child_life.cc: starting, watching over, ending
  void launch();
  void answered(const multilang::PidMessage& message);
  void change_framing();
  void went_up();
  void on_exit(Output& out);
  void check_partial(Nanoseconds now, Output& out);
  void check_silence(Nanoseconds now, Output& out);
  void lost(const multilang::LostFraming& lost, Output* out);
  void kill(const std::string& reason, Output& out);
  void died(const std::string& reason, bool from_outside, Output& out);
  void decide(const std::string& line, const std::string& reason, bool may_restart);
  void forget_child();
  std::string name() const;

  const ShellSettings settings_;
  ChildOwner& owner_;
  TaskHost* host_ = nullptr;
  Context* context_ = nullptr;
  std::unique_ptr<multilang::ChildProtocol> protocol_;
  std::unique_ptr<process::Child> child_;
  process::Command command_;
  std::vector<std::string_view> component_of_task_;
  std::string pid_folder_;
  Outbox outbox_;
  std::string handshake_;
  std::size_t handshake_at_ = 0;  ///< written up to here
  StderrLines stderr_;
  Complaints complaints_;
  RestartPolicy restarts_;
  Nanoseconds silence_limit_ = 30 * kSecond;

  State state_ = State::down;
  bool ever_up_ = false;
  bool wants_finish_ = false;
  bool offers_batches_ = true;
  bool accepts_batches_ = false;  ///< from the next byte on
  bool worked_ = false;
  bool hinted_ = false;  ///< of text on stdout, in this life
  bool watching_stdin_ = false;
  bool pipe_is_full_ = false;
  bool beat_ = false;  ///< a heartbeat is without an answer …
  bool closing_ = false;
  Nanoseconds started_ = 0;     ///< this life
  Nanoseconds heard_ = 0;       ///< the last time it wrote anything
  Nanoseconds beat_at_ = 0;     ///< … since then
  Nanoseconds restart_at_ = 0;  ///< while down
  Nanoseconds partial_since_ = 0;
  Nanoseconds deaf_since_ = 0;  ///< it has closed its stdout
  Nanoseconds armed_ = 0;       ///< the earliest timer that is set
};

}  // namespace sparse::worker
