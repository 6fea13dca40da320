// Figures that a component has beyond the engine's counters, for summaries: put up by its tasks, read by whoever shows them.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <sparse/sdk.h>

namespace sparse::worker {

/// Thread-safe.
class FigureBoard {
 public:
  /// Instead of what the task has put up before. A map.
  void put(std::string_view component, TaskId task, Value figures) {
    const std::lock_guard lock(mutex_);
    figures_[{std::string(component), task}] = std::move(figures);
  }
  /// By component, in the order of the tasks.
  std::map<std::string, std::vector<Value>> all() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::vector<Value>> found;
    for (const auto& [who, figures] : figures_) found[who.first].push_back(figures);
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, TaskId>, Value> figures_;
};

}  // namespace sparse::worker
