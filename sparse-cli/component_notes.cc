#include "sparse-cli/component_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sparse-cli/figures.h"

namespace sparse::cli {
namespace {

/// Absent if no task tells it.
std::optional<std::uint64_t> sum_of(const std::vector<Value>& tasks, std::string_view name) {
  std::optional<std::uint64_t> sum;
  for (const Value& task : tasks)
    if (const Value* value = task.find(name))
      if (const auto* number = value->as<std::int64_t>()) sum = sum.value_or(0) + static_cast<std::uint64_t>(*number);
  return sum;
}

/// Tasks mostly have the same trouble: each is said once.
std::vector<std::string> troubles_of(const std::vector<Value>& tasks) {
  std::vector<std::string> troubles;
  for (const Value& task : tasks) {
    const Value* state = task.find("state");
    const auto* text = state ? state->as<std::string>() : nullptr;
    if (text && *text != "well" && std::ranges::find(troubles, *text) == troubles.end()) troubles.push_back(*text);
  }
  return troubles;
}

bool waits_outside(const std::vector<Value>& tasks) {
  return std::ranges::any_of(tasks, [](const Value& task) {
    const Value* value = task.find("waits_outside");
    const auto* waits = value ? value->as<bool>() : nullptr;
    return waits && *waits;
  });
}

}  // namespace

std::vector<ComponentNote> notes_of(const std::map<std::string, std::vector<Value>>& figures) {
  std::vector<ComponentNote> notes;
  for (const auto& [component, tasks] : figures) {
    std::string text;
    if (const auto lag = sum_of(tasks, "lag")) text = "lag " + grouped(*lag);
    if (const auto dead = sum_of(tasks, "dead_letters"); dead.value_or(0) > 0)
      text += fmt::format("{}{}", text.empty() ? "" : ", ", counted(*dead, "dead letter"));
    if (const auto waiting = sum_of(tasks, "waiting_for_retry"); waiting.value_or(0) > 0)
      text += fmt::format("{}{} to be tried again", text.empty() ? "" : ", ", grouped(*waiting));
    const std::vector<std::string> troubles = troubles_of(tasks);
    for (const std::string& trouble : troubles) text += (text.empty() ? "" : "; ") + trouble;
    if (text.empty()) continue;
    notes.push_back({.text = component + ": " + text, .alarm = !troubles.empty(), .waits_outside = waits_outside(tasks)});
  }
  return notes;
}

}  // namespace sparse::cli
