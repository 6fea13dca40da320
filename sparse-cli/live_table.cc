#include "sparse-cli/live_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "sparse-cli/figures.h"
#include "sparse-cli/text_table.h"

namespace sparse::cli {
namespace {

constexpr std::size_t kComponentsInLine = 8;

const std::vector<Column>& columns() {
  static const std::vector<Column> table = {
      {.title = "component", .right = false},
      {.title = "tasks", .rank = 5},
      {.title = "emitted/s"},
      {.title = "executed", .rank = 2},
      {.title = "acked", .rank = 1},
      {.title = "failed"},
      {.title = "execute p50", .rank = 7},
      {.title = "p99", .rank = 6},
      {.title = "complete p50", .rank = 9},
      {.title = "p99", .rank = 8},
      {.title = "capacity", .rank = 4},
      {.title = "queue", .rank = 3},
      {.title = "loop", .rank = 10},
  };
  return table;
}

std::vector<std::string> row_of(const ComponentTotals& totals, const ComponentRates& rates) {
  const auto percentile = [](const Histogram& histogram, double part) {
    return histogram.count() == 0 ? std::string("-") : time_text(histogram.at(part));
  };
  return {totals.id,
          grouped(totals.tasks),
          compact(rates.emitted),
          totals.is_spout ? "-" : grouped(totals.executed),
          grouped(totals.acked),
          grouped(totals.failed),
          percentile(totals.execute, 0.5),
          percentile(totals.execute, 0.99),
          percentile(totals.complete, 0.5),
          percentile(totals.complete, 0.99),
          fmt::format("{:.2f}", rates.capacity),
          grouped(totals.is_spout ? totals.pending : totals.queue),
          loops_text(totals.loops)};
}

/// Of the topology: what its spouts got back, and what waits in its bolts.
struct Sums {
  std::uint64_t acked = 0, failed = 0, queued = 0;
};

Sums sums_of(const Snapshot& snapshot) {
  Sums sums;
  for (const ComponentTotals& totals : snapshot.components) {
    sums.queued += totals.queue;
    if (!totals.is_spout) continue;
    sums.acked += totals.acked;
    sums.failed += totals.failed;
  }
  return sums;
}

std::string title_of(const LiveView& view) {
  return fmt::format("{}  {} {}{}{}", view.topology, view.state, clock_text(view.elapsed), view.hint.empty() ? "" : "  ",
                     view.hint);
}

}  // namespace

std::vector<LiveLine> live_table(const LiveView& view, const Screen& screen) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < view.now.components.size(); ++i) rows.push_back(row_of(view.now.components[i], view.rates[i]));
  const std::vector<std::string> lines = layout(columns(), rows, screen.columns);

  using Style = LiveLine::Style;
  std::vector<LiveLine> shown = {{Style::title, cut(title_of(view), screen.columns)}};
  const std::size_t height = std::max<std::size_t>(screen.rows, 5) - 1;
  const std::size_t notes = std::min(view.notes.size(), height / 3), room = height - notes;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool last_of_room = shown.size() + 1 == room && i + 1 < lines.size();
    if (last_of_room) {
      shown.push_back({Style::plain, cut(fmt::format("and {} more", lines.size() - i), screen.columns)});
      break;
    }
    const bool alarm = i > 0 && view.now.components[i - 1].failed > 0;
    shown.push_back({i == 0 ? Style::heading : alarm ? Style::alarm : Style::plain, lines[i]});
  }
  for (std::size_t i = 0; i < notes; ++i)
    shown.push_back({view.notes[i].alarm ? Style::alarm : Style::plain, cut(view.notes[i].text, screen.columns)});
  return shown;
}

std::string plain_line(const LiveView& view) {
  std::string line = fmt::format("{} {} {}:", clock_text(view.elapsed), view.topology, view.state);
  const std::size_t count = view.now.components.size();
  for (std::size_t i = 0; i < std::min(count, kComponentsInLine); ++i) {
    const ComponentTotals& totals = view.now.components[i];
    const double rate = totals.is_spout ? view.rates[i].emitted : view.rates[i].executed;
    line += fmt::format("{} {} {}/s", i == 0 ? "" : ",", totals.id, compact(rate));
  }
  if (count > kComponentsInLine) line += fmt::format(", and {} more", count - kComponentsInLine);
  const Sums sums = sums_of(view.now);
  line += fmt::format("; acked {}, failed {}, queued {}", grouped(sums.acked), grouped(sums.failed), grouped(sums.queued));
  for (const ComponentNote& note : view.notes) line += "; " + note.text;
  return line;
}

}  // namespace sparse::cli
