// Collects lines, and hands them to the sink.
#include "worker/components/print_bolt.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <chrono>

#include "worker/components/value_json.h"

namespace sparse::worker {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{64} << 10;
constexpr std::chrono::milliseconds kFlushAfter{100};

}  // namespace

void PrintBolt::execute(const Tuple& input, Output& out) {
  if (broken_) return out.fail("the standard output is gone");
  append_json_line(lines_, input);
  if (lines_.size() >= kFlushBytes) return flush();
  if (!timer_started_) context_->start_timer(kFlushAfter);
  timer_started_ = true;
}

void PrintBolt::timer(Output&) {
  timer_started_ = false;
  if (!watched_) flush();
}

void PrintBolt::flush() {
  switch (sink_->write(lines_)) {
    case StdoutSink::State::written: break;
    case StdoutSink::State::broken: give_up(sink_->reason()); break;
    case StdoutSink::State::waiting:
      if (watched_) break;
      watched_ = FileHandle(::fcntl(sink_->fd(), F_DUPFD_CLOEXEC, 0));
      if (!watched_) return give_up("no file descriptor is left to wait for the reader of the standard output");
      host_->watch(watched_.get(), EPOLLOUT);
      host_->pause(true);
      break;
  }
}

void PrintBolt::stop_waiting() {
  if (!watched_) return;
  host_->unwatch(watched_.get());
  watched_.reset();
  host_->pause(false);
}

void PrintBolt::ready(int, std::uint32_t, Output&) {
  switch (sink_->write(lines_)) {
    case StdoutSink::State::waiting: return;
    case StdoutSink::State::broken: give_up(sink_->reason()); break;
    case StdoutSink::State::written: break;
  }
  stop_waiting();
  host_->hold_end(false);
}

void PrintBolt::finish(Output&) {
  flush();
  // The run does not end before its results are read.
  if (watched_) host_->hold_end(true);
}

void PrintBolt::close() {
  if (sink_->write(lines_) == StdoutSink::State::waiting)
    context_->log(Level::warn, "stopped while the reader of the standard output was slow: the last lines are not written");
  stop_waiting();
}

void PrintBolt::give_up(std::string reason) {
  if (broken_) return;
  broken_ = true;
  host_->give_up(std::move(reason));
}

}  // namespace sparse::worker
