#include "sparse-cli/run_session.h"

#include <deque>
#include <utility>

#include "sparse-cli/component_notes.h"
#include "sparse-cli/live_table.h"

namespace sparse::cli {
namespace {

constexpr Nanoseconds kSlice = 50 * kMillisecond;  // how late a signal may be noticed
constexpr Nanoseconds kFrame = 250 * kMillisecond;
constexpr Nanoseconds kPlainLine = 5 * kSecond;
constexpr Nanoseconds kWatch = 500 * kMillisecond;
constexpr std::size_t kFramesOfRate = 8;  // rates are over two seconds

/// Draws; remembers the counters that rates need.
class Display {
 public:
  Display(const topology::Topology& topology, const SessionOptions& options, Terminal& terminal, Nanoseconds start)
      : topology_(topology), options_(options), terminal_(terminal) {
    history_.push_back(nothing_yet(topology, start));
  }

  void show(const worker::WorkerStats& stats, Nanoseconds elapsed, const RunControl& control) {
    LiveView view{.topology = topology_.name,
                  .state = std::string(control.state()),
                  .hint = std::string(control.hint()),
                  .elapsed = elapsed};
    view.now = totals_of(topology_, stats);
    view.rates = rates_between(history_.front(), view.now);
    if (options_.figures) view.notes = notes_of(options_.figures());
    if (terminal_.interactive())
      terminal_.draw(live_table(view, terminal_.screen()));
    else
      terminal_.write_line(plain_line(view));
    remember(std::move(view.now));
  }

 private:
  void remember(Snapshot snapshot) {
    for (ComponentTotals& totals : snapshot.components) totals.execute = totals.complete = {};
    history_.push_back(std::move(snapshot));
    const std::size_t kept = terminal_.interactive() ? kFramesOfRate : 1;
    while (history_.size() > kept) history_.pop_front();
  }

  const topology::Topology& topology_;
  const SessionOptions& options_;
  Terminal& terminal_;
  std::deque<Snapshot> history_;
};

/// Looks whether a drain comes on, and says once what it waits for.
class DrainWatch {
 public:
  explicit DrainWatch(const SessionOptions& options) : options_(options) {}

  Nanoseconds stuck(const worker::WorkerStats& stats, Nanoseconds elapsed, Terminal& terminal) {
    std::uint64_t moved = 0;
    for (const worker::TaskStats& task : stats.tasks)
      moved += task.emitted + task.executed + task.acked + task.failed + task.ended;
    const Nanoseconds still = still_.look(moved, elapsed);
    trouble_.clear();
    if (options_.figures)
      for (const ComponentNote& note : notes_of(options_.figures()))
        if (note.waits_outside && trouble_.empty()) trouble_ = note.text;  // a slow bolt is waited for
    if (trouble_.empty()) return 0;
    if (still >= kSayAfter && !std::exchange(told_, true))
      terminal.write_line("sparse: draining waits; " + trouble_ + "; Ctrl-C again stops at once");
    return still;
  }
  const std::string& trouble() const { return trouble_; }

 private:
  static constexpr Nanoseconds kSayAfter = 4 * kSecond;
  const SessionOptions& options_;
  Stillness still_;
  std::string trouble_;
  bool told_ = false;
};

/// True when it is time again.
class Every {
 public:
  explicit Every(Nanoseconds interval) : interval_(interval), next_(interval) {}
  bool due(Nanoseconds elapsed) {
    if (elapsed < next_) return false;
    next_ = elapsed + interval_;
    return true;
  }

 private:
  Nanoseconds interval_, next_;
};

void say(Terminal& terminal, RunStep step, EndReason reason, const std::string& trouble) {
  if (step == RunStep::stop && !trouble.empty()) terminal.write_line("sparse: nothing moves any more; " + trouble);
  if (step == RunStep::drain && reason == EndReason::interrupted)
    terminal.write_line("sparse: draining: spouts stop, what is under way is finished; Ctrl-C again stops at once");
  if (step == RunStep::stop && reason == EndReason::stopped)
    terminal.write_line("sparse: stopping: what is under way gets no verdict");
  if (step == RunStep::abandon)
    terminal.write_line("sparse: a component does not return from its call, or a child does not end; ending without it");
}

}  // namespace

SessionEnd run_session(worker::Worker& worker, const topology::Topology& topology, const SessionOptions& options,
                       Terminal& terminal, const StopSignals& signals) {
  const SystemClock clock;
  worker.start();
  const Nanoseconds start = clock.now();
  RunControl control(options.limits);
  Display display(topology, options, terminal, start);
  DrainWatch drain(options);
  Nanoseconds stuck = 0;
  Every look(kWatch);
  Every frame(terminal.interactive() ? kFrame : kPlainLine), watch(kWatch);
  SessionEnd end;
  while (!end.abandoned && !worker.wait(kSlice)) {
    const Nanoseconds elapsed = clock.now() - start;
    const bool changed = options.changed && watch.due(elapsed) && options.changed();
    if (control.is_draining() && look.due(elapsed)) stuck = drain.stuck(worker.stats(), elapsed, terminal);
    const RunStep step = control.decide({.elapsed = elapsed, .asked = signals.asked(), .changed = changed, .stuck = stuck});
    say(terminal, step, control.reason(), stuck >= options.limits.stuck_for ? drain.trouble() : "");
    if (step == RunStep::drain) worker.drain();
    if (step == RunStep::stop) worker.stop();
    end.abandoned = step == RunStep::abandon;
    if (frame.due(elapsed)) display.show(worker.stats(), elapsed, control);
    terminal.refresh();
  }
  end.summary.elapsed = clock.now() - start;
  end.summary.topology = topology.name;
  end.summary.reason = control.reason();
  end.summary.totals = totals_of(topology, worker.stats());
  if (const auto failure = worker.failure()) {
    end.summary.failure = failure->message;
    end.summary.reason = EndReason::failed;
  }
  terminal.erase();
  return end;
}

}  // namespace sparse::cli
