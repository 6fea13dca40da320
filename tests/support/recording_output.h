// An Output that writes down what a component does with it: for tests of components without an engine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sparse/sdk.h>

namespace sparse::test {

struct Emitted {
  std::string stream;
  std::optional<std::uint64_t> id;
  Value::List values;
  TaskId task = kNoTask;
  bool operator==(const Emitted&) const = default;
};

/// Its direct target is a gate that never opens, so that each emit comes here.
class RecordingOutput final : public Output {
 public:
  RecordingOutput() {
    static const detail::Engine engine = {
        .emit = [](Output& out, const Emit* how, const Cell* cells, std::uint32_t count) { self(out).record(how, cells, count); },
        .emit_tracked =
            [](Output& out, MessageId id, const Cell* cells, std::uint32_t count) {
              const Emit how{.id = id};
              self(out).record(&how, cells, count);
            },
        .threw = [](Output&) {},
        .fail_input = [](Output& out, std::string_view reason) { self(out).failed.emplace_back(reason); },
        .ack_tuple = [](Output& out, const Tuple&) { ++self(out).acked; },
        .fail_tuple = [](Output& out, const Tuple&, std::string_view reason) { self(out).failed.emplace_back(reason); },
        .retain = [](Output&, const Tuple&) { return std::unique_ptr<detail::RetainedTuple>(); },
        .component_of = [](const Output& out, TaskId) { return std::string_view(self(out).source_component); },
        .stream_of = [](const Output& out, TaskId, std::uint16_t) { return std::string_view(self(out).source_stream); },
        .field_of = [](const Output&, TaskId, std::uint16_t, std::string_view) { return -1; },
        .wake_after = [](Output& out, std::int64_t nanoseconds) { self(out).woken_after = nanoseconds; },
    };
    direct_ = &closed_;
    floor_ = &no_floor_;
    engine_ = &engine;
  }

  std::vector<Emitted> emitted;
  std::vector<std::string> failed;
  int acked = 0;
  std::optional<std::int64_t> woken_after;
  std::string source_component = "source";
  std::string source_stream = "default";

  /// The first value of each emit as text, and forgets them.
  std::vector<std::string> take_texts() {
    std::vector<std::string> texts;
    for (const Emitted& each : emitted) texts.push_back(*each.values.at(0).as<std::string>());
    emitted.clear();
    return texts;
  }

 private:
  static RecordingOutput& self(Output& out) { return static_cast<RecordingOutput&>(out); }
  static const RecordingOutput& self(const Output& out) { return static_cast<const RecordingOutput&>(out); }
  void record(const Emit* how, const Cell* cells, std::uint32_t count) {
    Emitted found{.stream = how ? std::string(how->stream) : "default", .id = {}, .values = {}};
    if (how && how->id) found.id = how->id->value;
    if (how) found.task = how->task;
    for (std::uint32_t i = 0; i < count; ++i) found.values.emplace_back(ValueView(cells[i]));
    emitted.push_back(std::move(found));
  }

  detail::Hot closed_;
  std::uintptr_t no_floor_ = ~std::uintptr_t{0};
};

/// Values with the cells to make a tuple of; lives as long as the tuple.
class TupleOf {
 public:
  TupleOf(Value::List values, Output& receiver, TaskId source = 1)
      : values_(std::move(values)),
        cells_(values_.size()),
        tuple_(cells_.data(), static_cast<std::uint32_t>(cells_.size()), source, 0, &receiver) {
    for (std::size_t i = 0; i < values_.size(); ++i) arena_.set(cells_[i], values_[i]);
  }
  operator const Tuple&() const { return tuple_; }

 private:
  Value::List values_;
  std::vector<Cell> cells_;
  CellArena arena_;
  Tuple tuple_;
};

}  // namespace sparse::test
