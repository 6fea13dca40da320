// What `sparse run` shows while it runs: a table for terminals, or one line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sparse-cli/component_notes.h"
#include "sparse-cli/component_totals.h"

namespace sparse::cli {

struct LiveView {
  std::string topology;
  std::string state = "running";  ///< or `draining`, `stopping`
  std::string hint = {};          ///< what the user may do
  Nanoseconds elapsed = 0;
  Snapshot now = {};
  std::vector<ComponentRates> rates = {};  ///< as many as components
  std::vector<ComponentNote> notes = {};
};

struct Screen {
  std::size_t columns = 80, rows = 24;
};

struct LiveLine {
  enum class Style { plain, title, heading, alarm };
  Style style = Style::plain;
  std::string text;
  bool operator==(const LiveLine&) const = default;
};

/// Fits the screen, with a row to spare for the cursor; notes stand below. Components that have failed something are alarms.
std::vector<LiveLine> live_table(const LiveView& view, const Screen& screen);

/// `00:05 word-count running: lines 12.3k/s, split 101k/s; acked 61,234, failed 0, queued 12`, and the notes.
std::string plain_line(const LiveView& view);

}  // namespace sparse::cli
