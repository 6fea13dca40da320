// Which tasks of a subscriber a tuple goes to: one Router per emitting task, stream and subscription.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include <sparse/sdk.h>

#include "core/topology/topology.h"

namespace sparse::worker {

/// Chooses by index into the subscriber's tasks, ascending. Thread-compatible: lives on the emitting task's loop.
class Router {
 public:
  struct Options {
    topology::GroupingKind kind = topology::GroupingKind::shuffle;
    std::uint32_t targets = 1;
    std::vector<std::uint32_t> near = {};        ///< same loop, else same worker; ascending; may be empty
    std::vector<std::uint16_t> positions = {};   ///< fields, partial-key: where the fields stand in the stream
    std::uint32_t offset = 0;                    ///< where round robin begins: the emitting task's index
    std::unique_ptr<Grouping> custom = nullptr;  ///< prepared
    std::vector<TaskId> tasks = {};              ///< custom: the tasks by index
  };
  explicit Router(Options options);

  /// Calls `to(index)` for each chosen task.
  template <class F>
  void choose(const Tuple& tuple, F&& to) {
    switch (options_.kind) {
      case topology::GroupingKind::all:
        for (std::uint32_t i = 0; i < options_.targets; ++i) to(i);
        break;
      case topology::GroupingKind::direct: break;  // only by Emit::task
      case topology::GroupingKind::custom: {
        choose_custom(tuple);
        for (std::size_t i = 0; i < chosen_.size(); ++i) to(chosen_[i]);
        break;
      }
      default: to(choose_one(tuple)); break;
    }
  }
  /// The tasks on the emitting task's loop are others now: for the groupings that prefer them.
  void set_near(std::vector<std::uint32_t> near);
  /// There is one target, and no grouping of the user's that may choose none.
  bool is_fixed() const {
    return options_.targets == 1 && options_.kind != topology::GroupingKind::direct &&
           options_.kind != topology::GroupingKind::custom;
  }
  bool is_direct() const { return options_.kind == topology::GroupingKind::direct; }

  /// True if it can choose without seeing the values: then `choose_ahead` appends the indices that the next `choose` will give.
  bool chooses_ahead() const;
  void choose_ahead(std::vector<std::uint32_t>& indices);

 private:
  std::uint32_t choose_one(const Tuple& tuple);
  std::uint32_t round_robin();
  std::uint32_t advance();
  std::uint32_t choose_partial_key(const Tuple& tuple);
  void choose_custom(const Tuple& tuple);

  Options options_;
  bool prefers_near_ = false;
  std::uint32_t next_ = 0;
  std::deque<std::uint32_t> ahead_;  ///< told ahead, but not emitted yet
  std::vector<std::uint64_t> sent_;  ///< partial-key: tuples by target
  std::vector<TaskId> chosen_tasks_;
  std::vector<std::uint32_t> chosen_;
};

}  // namespace sparse::worker
