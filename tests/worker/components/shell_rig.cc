// A shell bolt or spout with everything around it faked.
#include "tests/worker/components/shell_rig.h"

#include "core/log/log.h"

namespace sparse::test {
namespace {

ShellOutput& self(Output& out) { return static_cast<ShellOutput&>(out); }

std::string text_of(ValueView value) {
  if (value.type() == Type::integer) return std::to_string(value.integer());
  return value.type() == Type::string ? std::string(value.string()) : std::string(type_name(value.type()));
}

Value::List copied(const Tuple& input) {
  Value::List values;
  for (std::size_t i = 0; i < input.size(); ++i) values.emplace_back(input[i]);
  return values;
}

const Emit kUsual{};

// A copy of an input's values. Its share in the trees is none of the tests' business.
class CopiedTuple final : public detail::RetainedTuple {
 public:
  CopiedTuple(Output& out, const Tuple& input)
      : values_(copied(input)),
        cells_(values_.size()),
        tuple_(cells_.data(), static_cast<std::uint32_t>(cells_.size()), input.source_task(), 0, &out) {
    for (std::size_t i = 0; i < values_.size(); ++i) arena_.set(cells_[i], values_[i]);
  }
  ~CopiedTuple() override { EXPECT_TRUE(acked_) << "a copy was destroyed without ack"; }
  const Tuple& tuple() const override { return tuple_; }
  void ack() override { acked_ = true; }
  void fail(std::string_view) override { ADD_FAILURE() << "a copy was failed"; }

 private:
  Value::List values_;
  CellArena arena_;
  std::vector<Cell> cells_;
  Tuple tuple_;
  bool acked_ = false;
};

void record(Output& out, const Emit* how, const Cell* cells, std::uint32_t count, const std::string& anchors = " anchored") {
  std::string text = std::string(how->stream) + " [";
  for (std::uint32_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + text_of(ValueView(cells[i]));
  text += "]";
  if (!how->id) text += anchors;
  if (how->id) text += " id " + std::to_string(how->id->value);
  if (how->task != kNoTask) text += " to " + std::to_string(how->task);
  self(out).emits.push_back(text);
  if (!how->targets) return;
  auto& targets = self(out).targets;
  *how->targets = targets.empty() ? std::vector<TaskId>{7} : targets.front();
  if (!targets.empty()) targets.pop_front();
}

}  // namespace

ShellOutput::ShellOutput() {
  static const detail::Engine engine = {
      .emit = [](Output& out, const Emit* how, const Cell* cells, std::uint32_t count) { record(out, how, cells, count); },
      .emit_tracked =
          [](Output& out, MessageId id, const Cell* cells, std::uint32_t count) {
            const Emit how{.id = id};
            record(out, &how, cells, count);
          },
      .threw = [](Output&) {},
      .fail_input = [](Output& out, std::string_view reason) { self(out).verdicts.push_back("failed: " + std::string(reason)); },
      .ack_tuple = [](Output&, const Tuple&) {},
      .fail_tuple =
          [](Output& out, const Tuple& input, std::string_view reason) {
            self(out).verdicts.push_back("fail " + text_of(input[0]) + ": " + std::string(reason));
          },
      .retain = [](Output& out, const Tuple& input) -> std::unique_ptr<detail::RetainedTuple> {
        return std::make_unique<CopiedTuple>(out, input);
      },
      .component_of = [](const Output&, TaskId) { return std::string_view("lines"); },
      .stream_of = [](const Output&, TaskId, std::uint16_t) { return std::string_view("default"); },
      .field_of = [](const Output&, TaskId, std::uint16_t, std::string_view) { return -1; },
      .wake_after = [](Output&, std::int64_t) {},
  };
  direct_ = &closed_;
  floor_ = &no_floor_;
  engine_ = &engine;
}

void ShellOutput::execute(Bolt& bolt, Value::List values) {
  CellArena arena;
  std::vector<Cell> cells(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) arena.set(cells[i], values[i]);
  bolt.execute(Tuple(cells.data(), static_cast<std::uint32_t>(cells.size()), 1, 0, this), *this);
}

worker::InputShare ShellOutput::take(const Tuple& input) {
  taken_.push_back({text_of(input[0])});
  return {.tree = {.root = taken_.size()}, .tracked = true};
}

void ShellOutput::settle(worker::InputShare& share, bool failed, std::string_view reason) {
  Taken& taken = taken_.at(share.tree.root - 1);
  verdicts.push_back((taken.settled ? "second " : "") +
                     (failed ? "fail " + taken.name + ": " + std::string(reason) : "ack " + taken.name));
  taken.settled = true;
}

bool ShellHost::emit(Output& out, std::span<worker::InputShare* const> anchors, const Emit& how, const Cell* cells,
                     std::uint32_t count) {
  std::string names;
  for (const worker::InputShare* share : anchors) names += " @" + out_.name(*share);
  record(out, &how, cells, count, names);
  if (!std::exchange(out_.fails_next_emit, false)) return true;
  for (worker::InputShare* share : anchors) out_.settle(*share, true, "what got it failed");
  return false;
}

bool ShellHost::emit_rows(Output& out, worker::InputShare& anchor, const Cell* cells, std::uint32_t fields, std::uint32_t rows) {
  out_.emits.push_back("rows of " + std::to_string(fields) + ":");
  for (std::uint32_t i = 0; i < rows; ++i)
    record(out, &kUsual, cells + std::size_t{i} * fields, fields, " @" + out_.name(anchor));
  if (!std::exchange(out_.fails_next_emit, false)) return true;
  out_.settle(anchor, true, "what got it failed");
  return false;
}

ShellTask::ShellTask(std::size_t component_) : component(component_) {
  using topology::GroupingKind;
  const topology::Implementation command{.kind = topology::Implementation::Kind::command, .argv = {"prog", "arg"}};
  topology.name = "test";
  topology.folder = "/topology";
  topology.components = {
      {.id = "lines", .is_spout = true, .runs = command, .outputs = {{.fields = {"line"}}}},
      {.id = "split",
       .runs = command,
       .outputs = {{.fields = {"word"}}, {.name = "to", .fields = {"line"}, .direct = true}},
       .inputs = {{.component = "lines"}}},
      {.id = "count", .inputs = {{.component = "split"}}},
      {.id = "out", .inputs = {{.component = "split", .stream = "to", .grouping = {.kind = GroupingKind::direct}}}},
  };
}

void ShellContext::log(Level level, std::string_view text) const {
  task_.log.push_back(std::string(level_name(level)) + " " + std::string(text));
}

}  // namespace sparse::test
