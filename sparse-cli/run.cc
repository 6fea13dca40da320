#include "sparse-cli/run.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>

#include "core/base/random.h"
#include "core/log/log.h"
#include "core/process/child_process.h"
#include "core/topology/load.h"
#include "sparse-cli/command_line.h"
#include "sparse-cli/components.h"
#include "sparse-cli/load_arguments.h"
#include "sparse-cli/run_session.h"
#include "sparse-cli/stdout_relay.h"
#include "sparse-cli/topology_file.h"
#include "sparse-cli/watch.h"
#include "worker/execution/crash_report.h"
#include "worker/worker.h"

namespace sparse::cli {
namespace {

/// What a run needs and what outlives it.
struct Surroundings {
  const RunArguments& arguments;
  Terminal& terminal;
  Log& log;
  std::string file;  ///< the topology's
  std::vector<std::string> watched = {};
  FileMarks marks = {};
  const StopSignals* signals = nullptr;  ///< from the end of loading on: before, Ctrl-C ends the process
};

struct Outcome {
  int exit_code = 0;
  EndReason reason = EndReason::failed;
};

void complain(Terminal& terminal, std::string_view text) { terminal.write_line(fmt::format("sparse run: {}", text)); }

std::string folder_of(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// Sugar (`-a`, `-w`, `-d`) wins over `-o`, as in streamparse.
Result<topology::LoadOptions> load_options(const RunArguments& arguments) {
  auto options = load_options_of(arguments.options, arguments.variables, arguments.filters, arguments.env_filter);
  if (!options) return options;
  options->missing_secrets = Severity::error;
  if (!arguments.name.empty()) options->name = arguments.name;
  if (arguments.ackers) options->config.emplace_back("topology.acker.executors", std::to_string(*arguments.ackers));
  if (arguments.workers) options->config.emplace_back("topology.workers", std::to_string(*arguments.workers));
  if (arguments.debug) options->config.emplace_back("topology.debug", "true");
  return options;
}

/// How many cores this process may use, and no more loops than an engine has.
std::uint16_t usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<std::uint16_t>(std::clamp(CPU_COUNT(&cores), 1, 1024));
}

/// What counts as changed from now on.
void look_again(Surroundings& around, const topology::Topology* topology) {
  around.watched = {around.file};
  around.watched.insert(around.watched.end(), around.arguments.filters.begin(), around.arguments.filters.end());
  if (topology)
    for (std::string& file : files_of(*topology)) around.watched.push_back(std::move(file));
  around.marks = marks_of(folder_of(around.file), around.watched);
}

bool has_changed(const Surroundings& around) {
  return !first_change(around.marks, marks_of(folder_of(around.file), around.watched)).empty();
}

/// An absent topology was reported.
std::optional<topology::Topology> load_topology(const Surroundings& around, worker::ComponentFactory& factory,
                                                const topology::LoadOptions& options) {
  const auto describe = [&](const topology::Component& component) { return factory.describe(component); };
  topology::LoadResult loaded = topology::load(around.file, options, describe);
  if (const std::string text = loaded.text(); !text.empty()) around.terminal.write_above(2, text);
  return std::move(loaded.topology);
}

SessionOptions session_options(const Surroundings& around, const topology::Topology& topology) {
  SessionOptions options;
  if (around.arguments.seconds)
    options.limits.run_for = static_cast<Nanoseconds>(*around.arguments.seconds * static_cast<double>(kSecond));
  // Trees still open after that have timed out.
  const std::int64_t timeout = topology::config_integer(topology, nullptr, "topology.message.timeout.secs", 30);
  options.limits.drain_for = std::clamp<std::int64_t>(timeout, 1, 3600) * kSecond * 12 / 10 + 5 * kSecond;
  if (around.arguments.watch) options.changed = [&around] { return has_changed(around); };
  return options;
}

Outcome run_loaded(Surroundings& around, const topology::Topology& topology, worker::ComponentFactory& factory) {
  const std::uint16_t loops = around.arguments.loops.value_or(usable_cores());
  if (around.arguments.workers.value_or(1) > 1)
    complain(around.terminal,
             fmt::format("-w {}: everything runs in this one process, with {} loops", *around.arguments.workers, loops));
  SystemClock clock;
  worker::WorkerOptions options;
  options.clock = &clock;
  options.log = &around.log;
  options.factory = &factory;
  options.seed = seed_from_system();
  options.placement = worker::place(topology, 1, loops);
  worker::add_reserve(options.placement);
  options.fusion = topology::config_boolean(topology, nullptr, "topology.fusion", true);
  auto worker = worker::Worker::create(topology, options);
  if (!worker) {
    complain(around.terminal, worker.error().message);
    return {.exit_code = 1};
  }
  SessionEnd end;
  {
    std::optional<StdoutRelay> relay;
    if (StdoutRelay::needed(around.terminal)) relay.emplace(around.terminal);
    SessionOptions session = session_options(around, topology);
    session.figures = [&factory] { return factory.figures(); };
    end = run_session(**worker, topology, session, around.terminal, *around.signals);
    if (!end.abandoned) worker->reset();
  }
  end.summary.loops = loops;
  end.summary.figures = factory.figures();
  int exit_code = exit_code_of(end.summary);
  around.terminal.write_line(summary_text(end.summary));
  if (around.arguments.json && !write_all(STDOUT_FILENO, summary_json(end.summary) + "\n")) {
    complain(around.terminal, fmt::format("cannot write the summary to the standard output: {}", std::strerror(errno)));
    exit_code = 1;
  }
  if (end.abandoned) {
    // Its threads use what would be destroyed now.
    if (end.summary.reason != EndReason::changed) {
      process::kill_all_children();
      ::_exit(exit_code);
    }
    static_cast<void>(worker->release());
  }
  return {.exit_code = exit_code, .reason = end.summary.reason};
}

/// A new process image: plugins, too, are loaded afresh.
void start_again(Terminal& terminal) {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::string words((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::vector<char*> argv;
  for (std::size_t at = 0; at < words.size(); at = words.find('\0', at) + 1) argv.push_back(words.data() + at);
  argv.push_back(nullptr);
  ::execv("/proc/self/exe", argv.data());
  complain(terminal, "cannot start again; end it and start it by hand");
}

/// `--watch`: true if it is to start again, false if the user has had enough.
bool wait_for_change(const Surroundings& around) {
  const int asked = around.signals->asked();
  complain(around.terminal, fmt::format("waiting for a change in {}; Ctrl-C ends", folder_of(around.file)));
  while (around.signals->asked() == asked) {
    if (has_changed(around)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return false;
}

}  // namespace

int run_run(const RunArguments& arguments) {
  Terminal terminal(2);
  const auto options = load_options(arguments);
  if (!options) {
    complain(terminal, options.error().message);
    return kUsageError;
  }
  const auto file = find_topology_file("run", {.file = arguments.file, .pick = arguments.pick});
  if (!file) {
    complain(terminal, file.error().message);
    return kUsageError;
  }
  const Level level = arguments.debug ? Level::debug : Level::info;
  const auto log = terminal.interactive() ? make_line_log(level, [&](std::string_view line) { terminal.write_above(2, line); })
                                          : make_stderr_log(level);
  Surroundings around{.arguments = arguments, .terminal = terminal, .log = *log, .file = *file};

  const worker::CrashReports crash_reports;
  const auto factory = make_components();
  if (arguments.watch) look_again(around, nullptr);  // before the load: what changes meanwhile is not missed
  const auto topology = load_topology(around, *factory, *options);
  const StopSignals signals;
  around.signals = &signals;
  Outcome outcome{.exit_code = 1};
  if (topology) {
    if (arguments.watch) look_again(around, &*topology);
    outcome = run_loaded(around, *topology, *factory);
  }
  if (!arguments.watch) return outcome.exit_code;
  const bool by_user = outcome.reason == EndReason::interrupted || outcome.reason == EndReason::stopped;
  if (outcome.reason == EndReason::changed || (!by_user && wait_for_change(around))) start_again(terminal);
  return outcome.exit_code;
}

}  // namespace sparse::cli
