#include "worker/test_kit/single_run.h"

namespace sparse::test::detail {
namespace {

class Collector final : public Bolt {
 public:
  explicit Collector(std::function<void(const Tuple&)> take) : take_(std::move(take)) {}
  void execute(const Tuple& tuple, Output&) override { take_(tuple); }

 private:
  std::function<void(const Tuple&)> take_;
};

}  // namespace

topology::Component component_of(const Setup& setup, std::string id, bool is_spout) {
  topology::Component component;
  component.id = std::move(id);
  component.is_spout = is_spout;
  component.options = setup.options;
  component.manual_ack = setup.manual_ack;
  if (!setup.outputs.empty()) component.outputs.push_back({"default", setup.outputs, false, {}});
  for (const StreamSpec& stream : setup.streams) component.outputs.push_back({stream.name, stream.fields, stream.direct, {}});
  return component;
}

std::unique_ptr<Bolt> make_collector(std::function<void(const Tuple&)> take) {
  return std::make_unique<Collector>(std::move(take));
}

topology::Component collector_component(const topology::Component& source, bool manual_ack) {
  topology::Component collector;
  collector.id = "collector";
  collector.manual_ack = manual_ack;
  for (const topology::Stream& stream : source.outputs) {
    topology::GroupingSpec grouping;
    if (stream.direct) grouping.kind = topology::GroupingKind::direct;
    collector.inputs.push_back({source.id, stream.name, grouping, {}});
  }
  return collector;
}

}  // namespace sparse::test::detail
