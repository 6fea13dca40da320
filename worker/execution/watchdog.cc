// The watchdog: says which component keeps a loop from going on, and where it is.
#include "worker/execution/watchdog.h"

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "worker/execution/crash_report.h"

namespace sparse::worker {
namespace {

constexpr Nanoseconds kStuck = 5 * kSecond;

std::vector<std::string> lines_of(const ThreadPlace& place) {
  const int file = memfd_create("stack", MFD_CLOEXEC);
  if (file < 0) return {};
  write_frames(file, place.frames, place.count, true);
  std::string text(1 << 16, '\0');
  const ssize_t size = pread(file, text.data(), text.size(), 0);
  close(file);
  std::vector<std::string> lines;
  for (std::size_t at = 0; size > 0 && at < static_cast<std::size_t>(size);) {
    const std::size_t feed = std::min(text.find('\n', at), static_cast<std::size_t>(size));
    lines.push_back(text.substr(at, feed - at));
    at = feed + 1;
  }
  return lines;
}

}  // namespace

void Watchdog::look() {
  const Nanoseconds now = shared_.options.clock->now();
  for (Watched& watched : watched_) {
    const bool sleeps = shared_.sleepers[watched.loop->index].state.load(std::memory_order_relaxed) != Sleeper::kAwake;
    const std::uint32_t steps = watched.loop->steps_begun.load(std::memory_order_relaxed);
    if (sleeps || steps != watched.steps || watched.since == 0) {
      watched.steps = steps;
      watched.since = sleeps ? 0 : now;
      watched.reported = false;
    } else if (!watched.reported && now - watched.since >= kStuck) {
      watched.reported = true;
      report(watched);
    }
  }
}

void Watchdog::report(const Watched& watched) {
  const auto place = place_of_thread(watched.thread);
  const Task* task = place ? place->chain.last() : nullptr;
  // A child is given time to end; that is bounded elsewhere.
  if (task && task->made.external) return;
  if (task && !reported_.insert(task->id).second) return;
  Log& log = *shared_.options.log;
  const std::string since = "for " + std::to_string((shared_.options.clock->now() - watched.since) / kSecond) + " s";
  if (!task) {
    log.warn("loop " + std::to_string(watched.loop->index) + " has not finished a step " + since);
    return;
  }
  const auto write = [&](Level level, std::string_view text) {
    log.write({.level = level, .component = task->spec().id, .task = task->id, .text = text});
  };
  std::string text = "component \"" + task->spec().id + "\" has been in " + place->chain.doing(place->chain.count - 1) + " " +
                     since + ": all that lives on its loop waits for it (said once per task)";
  if (place->chain.id_known)
    text += "; message id " + std::to_string(place->chain.id) + " of \"" + place->chain.id_spout->spec().id + "\"";
  write(Level::error, text + "; it is here:");
  for (const std::string& line : lines_of(*place)) write(Level::error, line);
}

}  // namespace sparse::worker
