#include "sparse-cli/summary.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sparse-cli/component_notes.h"
#include "sparse-cli/figures.h"
#include "sparse-cli/text_table.h"

namespace sparse::cli {
namespace {

double seconds_of(const RunSummary& summary) { return static_cast<double>(summary.elapsed) / static_cast<double>(kSecond); }

std::uint64_t failed_for_good(const RunSummary& summary) {
  std::uint64_t sum = 0;
  for (const ComponentTotals& totals : summary.totals.components) sum += totals.failed_for_good;
  return sum;
}

/// By the figures of a component: messages that were tried, and not to the end.
std::uint64_t left_undone(const std::vector<Value>& tasks) {
  std::int64_t sum = 0;
  for (const Value& task : tasks)
    if (const Value* value = task.find("left_undone"))
      if (const auto* number = value->as<std::int64_t>()) sum += *number;
  return static_cast<std::uint64_t>(sum);
}

std::uint64_t left_undone(const RunSummary& summary) {
  std::uint64_t sum = 0;
  for (const auto& [component, tasks] : summary.figures) sum += left_undone(tasks);
  return sum;
}

std::uint64_t moves(const RunSummary& summary) {
  std::uint64_t sum = 0;
  for (const ComponentTotals& totals : summary.totals.components) sum += totals.moves;
  return sum;
}

std::string headline(const RunSummary& summary) {
  const std::string took = time_text(static_cast<std::uint64_t>(summary.elapsed));
  switch (summary.reason) {
    case EndReason::finished: return fmt::format("{} finished in {}", summary.topology, took);
    case EndReason::time: return fmt::format("{} ended by -t after {}", summary.topology, took);
    case EndReason::interrupted: return fmt::format("{} interrupted and drained after {}", summary.topology, took);
    case EndReason::stopped: return fmt::format("{} stopped after {}: what was under way has no verdict", summary.topology, took);
    case EndReason::changed: return fmt::format("{} stopped after {}: its files changed", summary.topology, took);
    case EndReason::failed: break;
  }
  return fmt::format("{} failed after {}", summary.topology, took);
}

std::string or_dash(bool shown, std::string text) { return shown ? text : "-"; }

nlohmann::ordered_json histogram_json(const Histogram& histogram) {
  const auto milliseconds = [](std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; };
  const double mean =
      histogram.count() == 0 ? 0 : static_cast<double>(histogram.sum()) / static_cast<double>(histogram.count()) / 1e6;
  return {{"count", histogram.count()},
          {"mean", mean},
          {"p50", milliseconds(histogram.at(0.5))},
          {"p90", milliseconds(histogram.at(0.9))},
          {"p99", milliseconds(histogram.at(0.99))},
          {"p999", milliseconds(histogram.at(0.999))},
          {"max", milliseconds(histogram.max())}};
}

nlohmann::ordered_json json_of(const Value& value) {
  switch (value.type()) {
    case Type::null: return nullptr;
    case Type::boolean: return *value.as<bool>();
    case Type::integer: return *value.as<std::int64_t>();
    case Type::real: return *value.as<double>();
    case Type::string: return *value.as<std::string>();
    case Type::bytes: return value.as<Value::Binary>()->data;
    case Type::list: {
      nlohmann::ordered_json list = nlohmann::ordered_json::array();
      for (const Value& item : *value.as<Value::List>()) list.push_back(json_of(item));
      return list;
    }
    case Type::map: {
      nlohmann::ordered_json map = nlohmann::ordered_json::object();
      for (const auto& [name, item] : *value.as<Value::Map>()) map[name] = json_of(item);
      return map;
    }
  }
  return nullptr;
}

nlohmann::ordered_json component_json(const ComponentTotals& totals, const ComponentRates& rates) {
  nlohmann::ordered_json json = {{"component", totals.id},
                                 {"kind", totals.is_spout ? "spout" : "bolt"},
                                 {"tasks", totals.tasks},
                                 {"emitted", totals.emitted},
                                 {"transferred", totals.transferred},
                                 {"executed", totals.executed},
                                 {"acked", totals.acked},
                                 {"failed", totals.failed},
                                 {"timed_out", totals.timed_out},
                                 {"failed_for_good", totals.failed_for_good},
                                 {"pending", totals.pending},
                                 {"queued", totals.queue},
                                 {"crossed", totals.crossed},
                                 {"errors", totals.errors},
                                 {"emitted_per_s", rates.emitted},
                                 {"executed_per_s", rates.executed},
                                 {"acked_per_s", rates.acked},
                                 {"capacity", rates.capacity},
                                 {"on_loops", totals.loops},
                                 {"moves", totals.moves},
                                 {"load", totals.load},
                                 {"execute_ms", histogram_json(totals.execute)}};
  if (totals.is_spout) json["complete_ms"] = histogram_json(totals.complete);
  return json;
}

/// By the component that the tuples came from; an edge on which nothing waited is not there.
nlohmann::ordered_json waits_json(const ComponentTotals& totals, const Snapshot& snapshot) {
  nlohmann::ordered_json edges = nlohmann::ordered_json::array();
  for (const worker::EdgeWaits& edge : totals.waits)
    edges.push_back({{"from", snapshot.components[edge.source].id},
                     {"transfer_ms", histogram_json(edge.transfer)},
                     {"queue_ms", histogram_json(edge.queue)},
                     {"child_ms", histogram_json(edge.child)}});
  return edges;
}

std::vector<ComponentRates> whole_rates(const RunSummary& summary) {
  Snapshot start = summary.totals;
  start.at = summary.totals.at - summary.elapsed;
  for (ComponentTotals& totals : start.components) totals = {.id = totals.id, .is_spout = totals.is_spout, .tasks = totals.tasks};
  return rates_between(start, summary.totals);
}

}  // namespace

std::string_view reason_name(EndReason reason) {
  constexpr std::string_view names[] = {"finished", "time", "interrupted", "stopped", "changed", "failed"};
  return names[static_cast<int>(reason)];
}

int exit_code_of(const RunSummary& summary) {
  if (summary.failure || summary.reason == EndReason::failed || summary.reason == EndReason::stopped) return 1;
  return failed_for_good(summary) + left_undone(summary) > 0 ? 1 : 0;
}

std::string summary_text(const RunSummary& summary) {
  const std::vector<Column> columns = {{.title = "component", .right = false},
                                       {.title = "tasks"},
                                       {.title = "emitted"},
                                       {.title = "executed"},
                                       {.title = "acked"},
                                       {.title = "failed"},
                                       {.title = "per second"},
                                       {.title = "execute p50"},
                                       {.title = "p99"},
                                       {.title = "complete p50"},
                                       {.title = "p99"}};
  const std::vector<ComponentRates> rates = whole_rates(summary);
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const ComponentTotals& totals = summary.totals.components[i];
    const bool timed = totals.execute.count() > 0, completed = totals.complete.count() > 0;
    rows.push_back(
        {totals.id, grouped(totals.tasks), grouped(totals.emitted), or_dash(!totals.is_spout, grouped(totals.executed)),
         grouped(totals.acked), grouped(totals.failed), compact(totals.is_spout ? rates[i].emitted : rates[i].executed),
         or_dash(timed, time_text(totals.execute.at(0.5))), or_dash(timed, time_text(totals.execute.at(0.99))),
         or_dash(completed, time_text(totals.complete.at(0.5))), or_dash(completed, time_text(totals.complete.at(0.99)))});
  }
  std::string text = headline(summary);
  if (summary.failure) text += ": " + *summary.failure;
  for (const std::string& line : layout(columns, rows, 0)) text += "\n  " + line;
  for (const ComponentTotals& totals : summary.totals.components) {
    if (totals.timed_out > 0) text += fmt::format("\n{}: {} timed out", totals.id, counted(totals.timed_out, "tree"));
    if (totals.errors > 0) text += fmt::format("\n{}: {} of use; the log says which", totals.id, counted(totals.errors, "error"));
    if (totals.failed_for_good > 0)
      text += fmt::format("\n{}: {} failed for good", totals.id, counted(totals.failed_for_good, "message"));
  }
  for (const auto& [component, tasks] : summary.figures)
    if (const std::uint64_t left = left_undone(tasks); left > 0)
      text += fmt::format("\n{}: {} not done, or not known to be noted as done: the next run may read them again", component,
                          counted(left, "message"));
  for (const ComponentNote& note : notes_of(summary.figures)) text += "\n" + note.text;
  return text;
}

std::string summary_json(const RunSummary& summary) {
  const std::vector<ComponentRates> rates = whole_rates(summary);
  nlohmann::ordered_json components = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < rates.size(); ++i) {
    components.push_back(component_json(summary.totals.components[i], rates[i]));
    components.back()["waits"] = waits_json(summary.totals.components[i], summary.totals);
    const auto figures = summary.figures.find(summary.totals.components[i].id);
    if (figures != summary.figures.end()) components.back()["figures"] = json_of(Value(figures->second));
  }
  const nlohmann::ordered_json json = {
      {"topology", summary.topology},
      {"reason", reason_name(summary.reason)},
      {"exit_code", exit_code_of(summary)},
      {"failure", summary.failure ? nlohmann::ordered_json(*summary.failure) : nlohmann::ordered_json()},
      {"seconds", seconds_of(summary)},
      {"loops", summary.loops},
      {"moves", moves(summary)},
      {"failed_for_good", failed_for_good(summary)},
      {"left_undone", left_undone(summary)},
      {"components", std::move(components)}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace sparse::cli
