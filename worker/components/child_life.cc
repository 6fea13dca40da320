// Drives one child process for one task: how it is started, watched over, and ended.
#include <sys/epoll.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "multilang/cpp/json_protocol.h"
#include "worker/components/child_driver.h"

namespace sparse::worker {
namespace {

constexpr Nanoseconds kBeat = kSecond;
constexpr std::size_t kExcerpt = 200;
constexpr std::string_view kBatchesKey = "sparse.multilang.batches";  // false: the batched framing is not offered

std::string seconds(Nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(time) / static_cast<double>(kSecond));
  return text;
}

std::string escaped(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, kExcerpt)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      shown += "\\n";
    } else if (byte < 0x20 || byte >= 0x7f) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x", byte);
      shown += hex;
    } else {
      shown += c;
    }
  }
  return "\"" + shown + "\"" + (text.size() > kExcerpt ? "…" : "");
}

}  // namespace

void ChildDriver::open(Context& context) {
  context_ = &context;
  const topology::Topology& topology = host_->topology();
  const topology::Component& component = host_->component();
  command_ = shell_command(topology, component, settings_);
  const std::int64_t worker = topology::config_integer(topology, &component, "supervisor.worker.timeout.secs", 30);
  const std::int64_t own = topology::config_integer(topology, &component, "topology.subprocess.timeout.secs", worker);
  silence_limit_ = std::clamp<std::int64_t>(own, 1, 1'000'000) * kSecond;
  component_of_task_.emplace_back();
  for (TaskId task = 1; task <= host_->task_count(); ++task) component_of_task_.push_back(host_->component_of(task));
  update_pause();
  auto folder = settings_.launcher->make_folder();
  if (!folder) return host_->give_up(folder.error().message);
  pid_folder_ = *folder;
  offers_batches_ = component.runs.kind == topology::Implementation::Kind::plugin ||
                    topology::config_boolean(topology, &component, kBatchesKey, true);
  auto handshake =
      multilang::JsonProtocol::handshake({topology, component, context.task(), component_of_task_, pid_folder_, offers_batches_});
  if (!handshake) return host_->give_up(handshake.error().message);
  handshake_ = std::move(*handshake);
  launch();
}

std::string ChildDriver::name() const {
  std::string text = "child";
  if (child_) text += " " + std::to_string(child_->pid());
  std::string line;
  for (const std::string& argument : command_.argv) line += (line.empty() ? "" : " ") + argument;
  return text + " (" + line.substr(0, 120) + ")";
}

void ChildDriver::launch() {
  started_ = heard_ = context_->now();
  restart_at_ = partial_since_ = deaf_since_ = 0;
  hinted_ = beat_ = worked_ = wants_finish_ = false;
  accepts_batches_ = false;
  protocol_ = std::make_unique<multilang::JsonProtocol>(settings_.limits.message);
  stderr_.clear();
  auto launched = settings_.launcher->launch(command_);
  if (!launched) {
    const std::string reason = launched.error().message;
    const bool never = !ever_up_ && restarts_.fruitless() == 0 && settings_.limits.restart.give_up_after > 0;
    return decide(reason, reason, !never);  // what was never there does not come by waiting
  }
  child_ = std::move(*launched);
  state_ = State::starting;
  host_->watch(child_->stdout_fd(), EPOLLIN);
  host_->watch(child_->stderr_fd(), EPOLLIN);
  if (child_->exit_fd() >= 0) host_->watch(child_->exit_fd(), EPOLLIN);
  // What came while it was down waits behind the handshake, and for its answer.
  handshake_at_ = 0;
  flush();
  call_by(started_ + settings_.limits.handshake);
  call_by(started_ + kBeat);
}

void ChildDriver::answered(const multilang::PidMessage& message) {
  if (state_ != State::starting) return;
  ever_up_ = true;
  wants_finish_ = message.finish;
  accepts_batches_ = message.batches && offers_batches_;
  context_->log(Level::debug, name() + " is up; it calls itself process " + std::to_string(message.pid));
  if (!accepts_batches_) went_up();
}

void ChildDriver::went_up() {
  state_ = State::up;
  call_by(context_->now() + kBeat);
  owner_.child_is_up();
  if (child_) flush();
}

void ChildDriver::on_exit(Output& out) {
  read_last_words(&out);
  if (!child_) return;
  const auto status = child_->ended();
  if (!status) return;  // asked again by the timer
  stderr_.end();
  // What is left is a message cut off by its end, or text.
  if (protocol_->partial_is_text()) show_output(protocol_->partial());
  const bool from_outside = status->signalled && (status->code == SIGKILL || status->code == SIGTERM);
  died(describe(*status), from_outside, out);
}

void ChildDriver::call_by(Nanoseconds when) {
  if (armed_ != 0 && armed_ <= when) return;
  armed_ = when;
  context_->start_timer(std::chrono::nanoseconds(std::max<Nanoseconds>(0, when - context_->now())));
}

void ChildDriver::timer(Output& out) {
  const Nanoseconds now = context_->now();
  // An earlier timer may still be set: it finds nothing due, and that is all.
  if (armed_ > now) return;
  armed_ = 0;
  if (state_ == State::stopped) return;
  if (!child_) {
    if (now >= restart_at_)
      launch();
    else
      call_by(restart_at_);
    return;
  }
  if (child_->exit_fd() < 0 || deaf_since_ != 0) on_exit(out);
  if (child_ && deaf_since_ != 0 && now >= deaf_since_ + kSecond) kill("it has closed its stdout, but does not end", out);
  if (child_) check_partial(now, out);
  if (child_) check_silence(now, out);
  if (child_) call_by(now + kBeat);
}

void ChildDriver::check_partial(Nanoseconds now, Output& out) {
  if (partial_since_ == 0) return;
  const Nanoseconds due = partial_since_ + settings_.limits.unfinished_message;
  if (now < due) return call_by(due);
  const std::string_view partial = protocol_->partial();
  if (!protocol_->partial_is_text()) {
    const std::string limit = seconds(settings_.limits.unfinished_message);
    const std::string rule = protocol_->batches() ? "a batch was not complete within " + limit + " of its start"
                                                  : "no line \"end\" came within " + limit + " of a message's start";
    return lost({rule, partial}, &out);
  }
  // Text that was never meant to be a message.
  show_output(partial);
  protocol_->drop_partial();
  partial_since_ = 0;
}

void ChildDriver::check_silence(Nanoseconds now, Output& out) {
  // The loop may have been away for long: what came meanwhile counts.
  const auto limit_passed = [&](Nanoseconds since, Nanoseconds limit) {
    if (now - since < limit) return false;
    read_stdout(&out);
    return child_ && now - std::max(since, heard_) >= limit;
  };
  if (state_ == State::starting) {
    if (now - started_ < settings_.limits.handshake) return call_by(started_ + settings_.limits.handshake);
    read_stdout(&out);
    if (child_ && state_ == State::starting)
      kill("it did not answer the handshake within " + seconds(settings_.limits.handshake), out);
    return;
  }
  if (owner_.wants_heartbeats() && !beat_ && now - heard_ >= kBeat) {
    protocol_->heartbeat(outbox_.urgent());
    beat_ = true;
    beat_at_ = now;
    flush();
  }
  const auto owed = beat_ ? std::optional(beat_at_) : owner_.owed_since();
  if (owed && limit_passed(std::max(*owed, heard_), silence_limit_))
    kill("it said nothing for " + seconds(silence_limit_) + " while an answer was due (topology.subprocess.timeout.secs)", out);
}

void ChildDriver::lost(const multilang::LostFraming& lost, Output* out) {
  const std::string reason = "its output cannot be read any more: " + lost.rule + "; it begins with " + escaped(lost.text);
  if (out) return kill(reason, *out);
  context_->log(Level::warn, "the child's last output: " + reason);
  protocol_->drop_partial();
}

void ChildDriver::kill(const std::string& reason, Output& out) {
  child_->kill();
  read_stderr();
  died("killed by sparse: " + reason, false, out);
}

// Ends this life, in one line of the log.
void ChildDriver::died(const std::string& reason, bool from_outside, Output& out) {
  const std::string last = stderr_.last();
  const std::string why = reason + (last.empty() ? std::string() : "; last lines on stderr: " + last);
  const std::string who = name();
  forget_child();
  const std::string fate =
      owner_.child_died("the child of component \"" + host_->component().id + "\" died: " + why, from_outside, out);
  decide(who + " died: " + reason + "; " + (fate.empty() ? "" : fate + "; "), why, true);
}

void ChildDriver::decide(const std::string& line, const std::string& reason, bool may_restart) {
  const Nanoseconds now = context_->now();
  const auto decision = restarts_.on_death(now - started_, worked_, host_->random());
  if (decision.give_up || !may_restart) {
    state_ = State::stopped;
    host_->pause(true);
    const std::string times = restarts_.fruitless() > 1 ? " " + std::to_string(restarts_.fruitless()) + " times in a row" : "";
    host_->give_up("its child failed" + times + ": " + reason);
    return;
  }
  state_ = State::down;
  restart_at_ = now + decision.delay;
  call_by(restart_at_);
  update_pause();
  const std::string last = stderr_.last();
  context_->log(Level::error, line + (line.ends_with("; ") ? "" : "; ") + "restart in " + seconds(decision.delay) +
                                  (last.empty() ? std::string() : "; last lines on stderr: " + last));
}

void ChildDriver::forget_child() {
  for (const int fd : {child_->stdout_fd(), child_->stderr_fd(), child_->exit_fd()})
    if (fd >= 0) host_->unwatch(fd);
  watch_stdin(false);
  pipe_is_full_ = false;
  child_.reset();
  outbox_.clear();
  protocol_->drop_partial();
}

void ChildDriver::close() {
  if (closing_) return;
  closing_ = true;
  if (child_) {
    for (const int fd : {child_->stdout_fd(), child_->stderr_fd(), child_->exit_fd()})
      if (fd >= 0) host_->unwatch(fd);
    flush();
    watch_stdin(false);
    child_->close_stdin();
    state_ = State::stopped;
    // What it says at its end is still logged, for half of the time that it has.
    const SystemClock clock;
    const Nanoseconds until = clock.now() + settings_.limits.stop / 2;
    while (!child_->ended() && clock.now() < until) {
      if (!child_->wait(std::chrono::milliseconds(100))) continue;
      read_last_words(nullptr);
    }
    read_last_words(nullptr);
    stderr_.end();
    child_->terminate(std::chrono::milliseconds(settings_.limits.stop / 2 / kMillisecond));
    child_.reset();
  }
  state_ = State::stopped;
  if (!pid_folder_.empty()) settings_.launcher->remove_folder(pid_folder_);
  if (const auto more = complaints_.held_back(); more > 0 && context_)
    context_->log(Level::warn, "there were " + std::to_string(more) + " more complaints about the child, which were not logged");
}

}  // namespace sparse::worker
