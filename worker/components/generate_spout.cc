// The schedule of the `generate` spout, and its values as cells made once.
#include "worker/components/generate_spout.h"

#include <stdexcept>

#include <fmt/format.h>

namespace sparse::worker {

void GenerateSpout::read_values(const Context& context) {
  const Value* one = context.options().find("value");
  const Value* several = context.options().find("values");
  if ((one == nullptr) == (several == nullptr))
    throw std::runtime_error(fmt::format("component \"{}\": generate needs either value or values", context.component()));
  Value::List rows;
  if (one) {
    rows.push_back(*one);
  } else if (const auto* list = several->as<Value::List>(); list && !list->empty()) {
    rows = *list;
  } else {
    throw std::runtime_error(
        fmt::format("component \"{}\": option \"values\" must be a list of at least one value", context.component()));
  }
  std::size_t cells = 0;
  for (Value& value : rows) {
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
  if (const topology::Stream* stream = topology::find_stream(host().component(), "default"))
    for (const Row& row : rows_)
      if (row.count != stream->fields.size())
        throw std::runtime_error(
            fmt::format("component \"{}\": generate has a tuple of {} values for a stream of {} fields: name them all by fields",
                        context.component(), row.count, stream->fields.size()));
  number_ = context.index();
  step_ = context.parallelism();
  if (const std::int64_t count = context.option<std::int64_t>("count", -1); count >= 0)
    count_ = static_cast<std::uint64_t>(count);
  const double rate = context.option("rate", 0.0);
  if (rate < 0) throw std::runtime_error(fmt::format("component \"{}\": option \"rate\" must be above 0", context.component()));
  if (rate > 0) period_ = 1e9L / static_cast<long double>(rate);
}

Next GenerateSpout::produce(Output& out) {
  if (number_ >= count_) return Next::exhausted;
  if (period_ > 0) {
    const Nanoseconds now = context().now();
    if (start_ < 0) {
      start_ = now;
      due_ = start_ + static_cast<Nanoseconds>(period_ * static_cast<long double>(number_));
    }
    if (now < due_) {
      wake_at(out, due_);
      return Next::idle;
    }
    due_ = start_ + static_cast<Nanoseconds>(period_ * static_cast<long double>(number_ + step_));
  }
  const std::span<const Cell> cells = row(number_);
  const Emit how{.id = MessageId{number_}};
  number_ += step_;
  out.emit_cells(how, cells.data(), static_cast<std::uint32_t>(cells.size()));
  return Next::emitted;
}

}  // namespace sparse::worker
