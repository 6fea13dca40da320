// The schedule of the `generate` spout, and its values as cells made once.
#include "worker/components/generate_spout.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace sparse::worker {

namespace {

/// The tuples as they are written; empty if neither option is as it should be.
Value::List rows_of(const Value& options) {
  if (const Value* one = options.find("value")) return {*one};
  const Value* several = options.find("values");
  const auto* list = several ? several->as<Value::List>() : nullptr;
  return list ? *list : Value::List{};
}

}  // namespace

std::optional<Error> check_generate(const Value& options, std::size_t width) {
  if ((options.find("value") == nullptr) == (options.find("values") == nullptr))
    return Error{"generate needs either `value` or `values`"};
  const Value::List rows = rows_of(options);
  if (rows.empty()) return Error{"`values` must be a list of at least one value"};
  for (const Value& row : rows) {
    const std::size_t found = row.as<Value::List>() ? row.as<Value::List>()->size() : 1;
    if (found != width)
      return Error{fmt::format("generate has a tuple of {} values for {} field{}: name them all by `fields`", found, width,
                               width == 1 ? "" : "s")};
  }
  return std::nullopt;
}

void GenerateSpout::read_values(const Context& context) {
  const Value::List rows = rows_of(context.options());
  if (rows.empty()) throw std::runtime_error("generate needs either `value` or `values`");
  std::size_t cells = 0;
  for (const Value& value : rows) {
    values_.push_back(value.as<Value::List>() ? *value.as<Value::List>() : Value::List{value});
    cells += values_.back().size();
  }
  cells_ = std::vector<Cell>(cells);
  std::size_t at = 0;
  for (const Value::List& fields : values_) {
    rows_.push_back({at, fields.size()});
    for (const Value& value : fields) arena_.set(cells_[at++], value);
  }
}

void GenerateSpout::open(Context& context) {
  ReplayingSpout::open(context);
  read_values(context);
  number_ = context.index();
  step_ = context.parallelism();
  if (const std::int64_t count = context.option<std::int64_t>("count", -1); count >= 0)
    count_ = static_cast<std::uint64_t>(count);
  const double rate = context.option("rate", 0.0);
  if (rate < 0) throw std::runtime_error(fmt::format("component \"{}\": option \"rate\" must be above 0", context.component()));
  if (rate > 0) period_ = 1e9L / static_cast<long double>(rate);
}

/// When message `number` is due. What comes after centuries has no other time.
Nanoseconds GenerateSpout::due(std::uint64_t number) const {
  constexpr long double kLatest = 1e18L;
  return start_ + static_cast<Nanoseconds>(std::min(period_ * static_cast<long double>(number), kLatest));
}

Next GenerateSpout::produce(Output& out) {
  if (number_ >= count_) return Next::exhausted;
  if (period_ > 0) {
    const Nanoseconds now = context().now();
    if (start_ < 0) {
      start_ = now;
      due_ = due(number_);
    }
    if (now < due_) {
      wake_at(out, due_);
      return Next::idle;
    }
    due_ = due(number_ + step_);
  }
  const std::span<const Cell> cells = row(number_);
  const Emit how{.id = MessageId{number_}};
  number_ += step_;
  out.emit_cells(how, cells.data(), static_cast<std::uint32_t>(cells.size()));
  return Next::emitted;
}

}  // namespace sparse::worker
