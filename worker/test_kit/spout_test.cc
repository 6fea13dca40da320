// SpoutTest: the spout, and a collector that keeps its tuples open until the test gives their verdicts.
#include <deque>

#include "worker/test_kit/single_run.h"

namespace sparse::test {
namespace detail {

class SpoutRun final : public SingleRun {
 public:
  SpoutRun(std::unique_ptr<Spout> spout, Setup setup) : setup_(std::move(setup)), spout_(std::move(spout)) {}
  ~SpoutRun() {
    for (Retained& tuple : open_) tuple.ack();
  }

  void begin(std::size_t at_most) {
    topology.name = "test";
    topology.config = setup_.config;
    if (auto* config = topology.config.as<Value::Map>(); config && !topology.config.find("topology.max.spout.pending"))
      config->emplace_back("topology.max.spout.pending", Value(static_cast<std::int64_t>(at_most)));
    const topology::Component under_test = component_of(setup_, "spout", true);
    topology.components = {under_test, collector_component(under_test, true)};
    factory.spouts["spout"] = std::move(spout_);
    factory.bolts["collector"] = make_collector([this](const Tuple& tuple) {
      Emitted one{std::string(tuple.stream()), {}};
      for (std::size_t i = 0; i < tuple.size(); ++i) one.values.push_back(Value(tuple[i]));
      emitted.push_back(std::move(one));
      open_.push_back(tuple.retain());
    });
    start();
  }
  bool settle_first(std::optional<std::string_view> reason) {
    if (open_.empty()) return false;
    Retained first = std::move(open_.front());
    open_.pop_front();
    reason ? first.fail(*reason) : first.ack();
    run();
    return true;
  }
  std::size_t open() const { return open_.size(); }

  std::vector<Emitted> emitted;

 private:
  Setup setup_;
  std::unique_ptr<Spout> spout_;
  std::deque<Retained> open_;
};

}  // namespace detail

SpoutTest::SpoutTest(std::unique_ptr<Spout> spout, Setup setup)
    : run_(std::make_unique<detail::SpoutRun>(std::move(spout), std::move(setup))) {}
SpoutTest::~SpoutTest() = default;

std::vector<Emitted> SpoutTest::take_emits(std::size_t at_most) {
  if (!run_->worker) run_->begin(at_most);
  run_->run();
  return std::exchange(run_->emitted, {});
}
bool SpoutTest::ack_first() { return run_->settle_first(std::nullopt); }
bool SpoutTest::fail_first(std::string_view reason) { return run_->settle_first(reason); }
std::size_t SpoutTest::open_messages() const { return run_->open(); }
void SpoutTest::advance(std::chrono::nanoseconds by) {
  if (!run_->worker) run_->begin(1000);
  run_->advance(by.count());
}
bool SpoutTest::has_ended() const { return run_->worker && run_->worker->done(); }
std::vector<std::string> SpoutTest::take_log() { return std::exchange(run_->log.lines, {}); }

}  // namespace sparse::test
