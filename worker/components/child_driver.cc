// Drives one child process for one task: what is read from it and written to it.
#include "worker/components/child_driver.h"

#include <sys/epoll.h>

#include "multilang/cpp/batch_protocol.h"
#include "multilang/cpp/json_protocol.h"

namespace sparse::worker {
namespace {

using multilang::ChildMessage;
using process::Io;

constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::size_t kWriteNow = 32 * 1024;
constexpr std::size_t kWriteBatch = 16 * 1024;  // smaller: parent and child work at the same time
constexpr int kLastReads = 64;                  // after the end: a grandchild may write for ever

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

Level storm_level(std::int64_t level) {
  constexpr Level kLevels[] = {Level::trace, Level::debug, Level::info, Level::warn, Level::error};
  return level >= 0 && level < 5 ? kLevels[level] : Level::info;
}

bool emits(const ChildMessage& message) {
  const auto* rows = std::get_if<multilang::RowsMessage>(&message);
  return rows ? rows->rows != 0 : std::holds_alternative<multilang::EmitMessage>(message);
}

}  // namespace

ChildDriver::ChildDriver(ShellSettings settings, ChildOwner& owner)
    : settings_(std::move(settings)),
      owner_(owner),
      protocol_(std::make_unique<multilang::JsonProtocol>(settings_.limits.message)),
      stderr_([this](std::string_view line) { context_->log(Level::info, "stderr: " + std::string(line)); }),
      restarts_(settings_.limits.restart) {}

ChildDriver::~ChildDriver() { close(); }

void ChildDriver::ready(int fd, std::uint32_t events, Output& out) {
  if (!child_) return;
  if (fd == child_->stdout_fd()) {
    read_stdout(&out);
  } else if (fd == child_->stderr_fd()) {
    read_stderr();
  } else if (fd == child_->exit_fd()) {
    on_exit(out);
  } else if (fd == child_->stdin_fd()) {
    // Without a reader the pipe is ready for ever: its end is told by the other descriptors.
    if (events & (EPOLLERR | EPOLLHUP))
      watch_stdin(false);
    else
      flush();
  }
}

void ChildDriver::read_stdout(Output* out) {
  if (read_some(out) == Io::State::ended && child_ && deaf_since_ == 0) {
    host_->unwatch(child_->stdout_fd());
    deaf_since_ = context_->now();
    call_by(deaf_since_ + kSecond);
  }
  if (child_) flush();
}

// One read, and all messages that it completes.
Io::State ChildDriver::read_some(Output* out) {
  const Io io = child_->read_stdout(protocol_->room(kReadSize));
  if (io.state != Io::State::done) return io.state;
  protocol_->filled(io.bytes);
  heard_ = context_->now();
  beat_ = false;
  const bool completed = pump(out);
  if (!child_) return io.state;
  if (protocol_->partial().empty()) {
    partial_since_ = 0;
  } else if (completed || partial_since_ == 0) {
    partial_since_ = heard_;
    call_by(partial_since_ + settings_.limits.unfinished_message);
  }
  return io.state;
}

// All that is in the pipes of a child that has ended, or is about to.
void ChildDriver::read_last_words(Output* out) {
  for (int i = 0; i < kLastReads && child_ && read_some(out) == Io::State::done; ++i) {
  }
  char buffer[16 * 1024];
  for (int i = 0; i < kLastReads && child_; ++i) {
    const Io io = child_->read_stderr(buffer);
    if (io.state != Io::State::done) break;
    stderr_.add({buffer, io.bytes});
  }
}

// Deals with all complete messages. True if there was any.
bool ChildDriver::pump(Output* out) {
  bool any = false;
  while (child_) {
    const multilang::Inbound inbound = protocol_->next();
    if (std::holds_alternative<multilang::Nothing>(inbound)) break;
    any = true;
    if (const auto* message = std::get_if<ChildMessage>(&inbound)) {
      hear(*message, out);
      if (accepts_batches_) change_framing();
    } else if (const auto* text = std::get_if<multilang::OutputText>(&inbound)) {
      show_output(text->text);
    } else {
      lost(std::get<multilang::LostFraming>(inbound), out);
      if (!out) break;
    }
  }
  return any;
}

// The child is told that it is up only now: what its owner sends then is in its framing.
void ChildDriver::change_framing() {
  accepts_batches_ = false;
  protocol_ = std::make_unique<multilang::BatchProtocol>(std::string(protocol_->partial()), settings_.limits.message);
  went_up();
}

void ChildDriver::hear(const ChildMessage& message, Output* out) {
  if (out) owner_.child_spoke();
  std::visit(Overloaded{
                 [&](const multilang::PidMessage& pid) { answered(pid); },
                 [&](const multilang::LogMessage& log) { context_->log(storm_level(log.level), log.text); },
                 [&](const multilang::ErrorMessage& error) {
                   // Storm's libraries report the end of their input as an error.
                   context_->log(closing_ ? Level::debug : Level::error, "error in the child: " + std::string(error.text));
                 },
                 [&](const multilang::MetricsMessage& metric) {
                   context_->log(Level::debug, "metric " + std::string(metric.name) + " " + std::string(metric.params));
                 },
                 [&](const multilang::OddMessage& odd) {
                   complain(Complaint::odd_message, Level::warn, "the child sent " + std::string(odd.what) + "; ignored");
                 },
                 [&](const auto&) {
                   if (out)
                     owner_.child_says(message, *out);
                   else if (emits(message))
                     complain(Complaint::late_emit, Level::warn, "the child emitted when its task had ended; not delivered");
                 },
             },
             message);
}

void ChildDriver::show_output(std::string_view text) {
  if (text.find_first_not_of(" \r\n\t") == text.npos) return;
  if (!hinted_) {
    hinted_ = true;
    context_->log(Level::warn,
                  "the child writes text to its stdout, which carries the protocol: write to stderr, or by the library's log "
                  "function; the text follows as log lines");
  }
  while (!text.empty()) {
    const std::size_t feed = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, std::min(feed, StderrLines::kLineLimit));
    if (!line.empty()) context_->log(Level::info, "stdout: " + std::string(line));
    text.remove_prefix(std::min(feed + 1, text.size()));
  }
}

void ChildDriver::read_stderr() {
  char buffer[16 * 1024];
  const Io io = child_->read_stderr(buffer);
  if (io.state == Io::State::done) stderr_.add({buffer, io.bytes});
  if (io.state != Io::State::ended) return;
  host_->unwatch(child_->stderr_fd());
  stderr_.end();
}

void ChildDriver::watch_stdin(bool wanted) {
  if (wanted == watching_stdin_ || !child_ || child_->stdin_fd() < 0) return;
  watching_stdin_ = wanted;
  if (wanted)
    host_->watch(child_->stdin_fd(), EPOLLOUT);
  else
    host_->unwatch(child_->stdin_fd());
}

void ChildDriver::queued() {
  if (state_ != State::up) return;
  // A full pipe says by itself when it has room again.
  if (!pipe_is_full_ && outbox_.bytes() + protocol_->open_bytes() >= (protocol_->batches() ? kWriteBatch : kWriteNow))
    flush();
  else
    watch_stdin(true);  // the loop comes back when it has nothing else to do: until then more comes together
  update_pause();
}

// True once all of it is written.
bool ChildDriver::write_handshake() {
  while (handshake_at_ < handshake_.size()) {
    const iovec rest{handshake_.data() + handshake_at_, handshake_.size() - handshake_at_};
    const Io io = child_->write({&rest, 1});
    if (io.bytes == 0) return false;
    handshake_at_ += io.bytes;
  }
  return true;
}

void ChildDriver::flush() {
  if (!child_) return;
  bool waits = !write_handshake();
  while (!waits) {
    // Tuples wait until the child has answered the handshake; task ids do not: it may emit before.
    // While others wait in front of it, a batch grows: small ones cost the child as much as large ones.
    if (state_ == State::up && outbox_.bulk_bytes() < kWriteBatch) {
      protocol_->close_batch(outbox_.bulk());
      outbox_.bulk_message_done();
    }
    const auto parts = outbox_.parts(state_ != State::starting);
    if (parts.empty()) break;
    const Io io = child_->write(parts);
    if (io.state == Io::State::ended) return watch_stdin(false);  // nobody reads: its end comes through the other descriptors
    waits = io.bytes == 0;
    outbox_.wrote(io.bytes);
  }
  pipe_is_full_ = waits;
  watch_stdin(waits);
  update_pause();
}

void ChildDriver::update_pause() {
  if (state_ == State::stopped) return;
  const std::size_t waiting = outbox_.bulk_bytes() + protocol_->open_bytes();
  host_->pause(state_ != State::up || waiting >= settings_.limits.waiting_bytes || owner_.is_full());
}

}  // namespace sparse::worker
