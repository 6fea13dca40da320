// BoltTest: a source that emits what the test feeds, the bolt, and a collector of what it emits.
#include <deque>
#include <set>

#include "worker/test_kit/single_run.h"

namespace sparse::test {
namespace detail {

/// Emits each fed tuple with its number as message id, then overwrites the values, as a real source reuses its buffers.
class FeedingSpout final : public Spout {
 public:
  struct Shared {
    std::deque<std::pair<std::uint64_t, std::vector<Value>>> waiting;
    std::deque<std::vector<Value>> used;  ///< overwritten, but still there: a view that was kept reads question marks
    std::set<std::uint64_t> acked;
    std::map<std::uint64_t, std::string> failed;
    bool ended = false;
  };
  explicit FeedingSpout(Shared& shared) : shared_(shared) {}
  Next next(Output& out) override {
    if (shared_.waiting.empty()) return shared_.ended ? Next::exhausted : Next::idle;
    auto [message, values] = std::move(shared_.waiting.front());
    shared_.waiting.pop_front();
    CellArena arena;
    std::vector<Cell> cells(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) arena.set(cells[i], values[i]);
    out.emit_cells(Emit{.id = MessageId{message}}, cells.data(), static_cast<std::uint32_t>(cells.size()));
    for (Value& value : values) poison(value);
    shared_.used.push_back(std::move(values));
    if (shared_.used.size() > 1000) shared_.used.pop_front();
    return Next::emitted;
  }
  void ack(MessageId id) override { shared_.acked.insert(id.value); }
  void fail(MessageId id, std::string_view reason) override { shared_.failed.emplace(id.value, reason); }

 private:
  static void poison(Value& value) {
    if (auto* text = value.as<std::string>()) text->assign(text->size(), '?');
    if (auto* bytes = value.as<Value::Binary>()) bytes->data.assign(bytes->data.size(), '?');
    if (auto* list = value.as<Value::List>())
      for (Value& item : *list) poison(item);
    if (auto* map = value.as<Value::Map>())
      for (auto& [key, item] : *map) poison(item);
  }
  Shared& shared_;
};

class BoltRun final : public SingleRun {
 public:
  BoltRun(std::unique_ptr<Bolt> bolt, Setup setup) : setup_(std::move(setup)), bolt_(std::move(bolt)) {}

  /// The number of fields is known with the first tuple.
  void begin(std::size_t fields) {
    topology.name = "test";
    topology.config = setup_.config;
    topology::Component source;
    source.id = setup_.input_component;
    source.is_spout = true;
    if (setup_.input_fields.empty())
      for (std::size_t i = 0; i < fields; ++i) setup_.input_fields.push_back("f" + std::to_string(i));
    source.outputs.push_back({"default", setup_.input_fields, false, {}});
    topology::Component under_test = component_of(setup_, "bolt", false);
    under_test.inputs.push_back({source.id, "default", {}, {}});
    topology::Component collector = collector_component(under_test, false);
    topology.components = {source, under_test, collector};
    if (under_test.outputs.empty()) topology.components.pop_back();
    factory.spouts[source.id] = std::make_unique<FeedingSpout>(fed);
    factory.bolts["bolt"] = std::move(bolt_);
    factory.bolts["collector"] = make_collector([this](const Tuple& tuple) {
      Emitted one{std::string(tuple.stream()), {}};
      for (std::size_t i = 0; i < tuple.size(); ++i) one.values.push_back(Value(tuple[i]));
      emitted.push_back(std::move(one));
    });
    start();
  }
  void settle() {
    if (!worker) begin(setup_.input_fields.size());
    advance(0);
    advance(64 * kMillisecond);  // the longest an idle source waits before it looks again
  }

  FeedingSpout::Shared fed;
  std::vector<Emitted> emitted;
  std::uint64_t next_message = 0;

 private:
  Setup setup_;
  std::unique_ptr<Bolt> bolt_;
};

}  // namespace detail

BoltTest::BoltTest(std::unique_ptr<Bolt> bolt, Setup setup)
    : run_(std::make_unique<detail::BoltRun>(std::move(bolt), std::move(setup))) {}
BoltTest::~BoltTest() = default;

std::uint64_t BoltTest::feed(std::vector<Value> values) {
  if (!run_->worker) run_->begin(values.size());
  run_->fed.waiting.emplace_back(run_->next_message, std::move(values));
  run_->settle();
  return run_->next_message++;
}
std::vector<Emitted> BoltTest::take_emits() { return std::exchange(run_->emitted, {}); }
bool BoltTest::is_acked(std::uint64_t message) const { return run_->fed.acked.contains(message); }
std::optional<std::string> BoltTest::failure(std::uint64_t message) const {
  const auto found = run_->fed.failed.find(message);
  return found == run_->fed.failed.end() ? std::nullopt : std::optional(found->second);
}
void BoltTest::advance(std::chrono::nanoseconds by) {
  if (!run_->worker) run_->settle();
  run_->advance(by.count());
}
void BoltTest::finish() {
  run_->fed.ended = true;
  run_->settle();
}
std::vector<std::string> BoltTest::take_log() { return std::exchange(run_->log.lines, {}); }

}  // namespace sparse::test
