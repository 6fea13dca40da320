// What a run has done in all: a table for people, one JSON object for programs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sparse-cli/component_totals.h"

namespace sparse::cli {

enum class EndReason { finished, time, interrupted, stopped, changed, failed };
std::string_view reason_name(EndReason reason);

struct RunSummary {
  std::string topology;
  EndReason reason = EndReason::finished;
  std::optional<std::string> failure = {};  ///< why the run failed as a whole
  Nanoseconds elapsed = 0;
  std::uint16_t loops = 1;
  Snapshot totals = {};
  std::map<std::string, std::vector<Value>> figures = {};  ///< what tasks tell of themselves, by component
};

/// 0, or 1 if the run failed as a whole, was stopped before its tuples had a verdict, or a message failed for good or was left
/// undone.
int exit_code_of(const RunSummary& summary);

/// Several lines, the last without a newline.
std::string summary_text(const RunSummary& summary);

/// One line.
std::string summary_json(const RunSummary& summary);

}  // namespace sparse::cli
