// A plugin as authors write it: a bolt, a spout and a grouping.
#include <sparse/sdk.h>

namespace {

class Upper final : public sparse::Bolt {
  void execute(const sparse::Tuple& input, sparse::Output& out) override { out.emit(input.string(0)); }
};
class Numbers final : public sparse::Spout {
  sparse::Next next(sparse::Output&) override { return sparse::Next::exhausted; }
};
class First final : public sparse::Grouping {
  void prepare(const std::vector<sparse::TaskId>& targets, const sparse::Value&) override { first_ = targets.at(0); }
  void choose(const sparse::Tuple&, std::vector<sparse::TaskId>& chosen) override { chosen.push_back(first_); }
  sparse::TaskId first_ = 0;
};

}  // namespace

SPARSE_PLUGIN(registry) {
  registry.bolt<Upper>("Upper", {.outputs = {"text"}, .streams = {{.name = "errors", .fields = {"why"}}}});
  registry.spout<Numbers>("Numbers", {.outputs = {"number"}});
  registry.grouping<First>("First");
}
