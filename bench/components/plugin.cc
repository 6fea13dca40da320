// The plugin of the bench: bench_components.so.
#include <sparse/sdk.h>

#include "bolts.h"
#include "spouts.h"
#include "work.h"

SPARSE_PLUGIN(registry) {
  registry.spout<bench::ConstSpout>("Const", {.outputs = {"value"}});
  registry.spout<bench::LinesSpout>("Lines", {.outputs = {"line"}});
  registry.spout<bench::PacedSpout>("Paced", {.outputs = {"line"}});
  registry.spout<bench::QuietSpout>("Quiet", {.outputs = {"value"}});
  registry.bolt<bench::IdBolt>("Id", {.outputs = {"value"}});
  registry.bolt<bench::NullBolt>("Null");
  registry.bolt<bench::SplitBolt>("Split", {.outputs = {"word"}});
  registry.bolt<bench::WorkBolt>("Work", {.outputs = {"value"}});
  registry.bolt<bench::CountBolt>("Count", {.outputs = {"word", "count"}});
}
