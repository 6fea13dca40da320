// Built-in spout `generate`: the same values over and over, at a given rate or as fast as they are taken.
#pragma once

#include <cstdint>
#include <vector>

#include "worker/components/replaying_spout.h"

namespace sparse::worker {

/// What is wrong with the options of a `generate` spout whose stream has `width` fields, if anything.
std::optional<Error> check_generate(const Value& options, std::size_t width);

/// Options: `value` or `values` (taken in turn; a list is a tuple of several fields), `count` (all tasks together; absent:
/// no end), `rate` (a second, all tasks together), `fields` (names). Message n is due at start + n / rate: after a delay it
/// catches up. The tasks take the numbers in turn.
class GenerateSpout final : public ReplayingSpout {
 public:
  void open(Context& context) override;

 protected:
  Next produce(Output& out) override;
  std::span<const Cell> recall(std::uint64_t id) override { return row(id); }

 private:
  struct Row {
    std::size_t first;
    std::size_t count;
  };
  std::span<const Cell> row(std::uint64_t number) const {
    const Row& found = rows_[number % rows_.size()];
    return {cells_.data() + found.first, found.count};
  }
  void read_values(const Context& context);
  Nanoseconds due(std::uint64_t number) const;

  std::vector<Value::List> values_;
  std::vector<Row> rows_;
  std::vector<Cell> cells_;  ///< of all rows; they point into `values_` and `arena_`
  CellArena arena_;
  std::uint64_t number_ = 0;
  std::uint64_t step_ = 1;
  std::uint64_t count_ = ~std::uint64_t{0};
  long double period_ = 0;  ///< nanoseconds from one number to the next; 0: no rate
  Nanoseconds start_ = -1;
  Nanoseconds due_ = 0;
};

}  // namespace sparse::worker
