// The keys of topology files: the table.
#include "core/topology/keys.h"

#include "core/topology/builtins.h"

namespace sparse::topology {
namespace {

constexpr std::int64_t kMostTasks = 10'000;
constexpr std::string_view kOnlyBolts = "only bolts have inputs; a spout makes its tuples itself";
constexpr std::string_view kOnlySpouts = "only spouts replay what fails; a bolt's failed tuple goes back to its spout";

std::vector<Key> topology_keys() {
  return {{.name = "name", .shape = Shape::text, .help = "the topology's name; absent: the name of the file"},
          {.name = "config", .shape = Shape::config, .help = "configuration of the whole topology: Storm's keys and your own"},
          {.name = "spouts", .shape = Shape::spouts, .help = "where tuples come from"},
          {.name = "bolts", .shape = Shape::bolts, .help = "what handles tuples"},
          {.name = "includes", .shape = Shape::includes, .help = "other files to read"},
          {.name = "components", .shape = Shape::flux_objects, .help = "Flux: objects to refer to"},
          {.name = "streams", .shape = Shape::flux_streams, .help = "Flux: the connections"},
          {.name = "workerHooks", .shape = Shape::list, .help = "Flux: Java objects, refused"},
          {.name = "topologySource", .shape = Shape::any, .help = "Flux: Java code that builds a topology, refused"}};
}

// Those of the other kind are misplaced, unless the name stands for one of each kind.
void add_builtins(std::vector<Key>& keys, bool spouts) {
  for (const Builtin& builtin : builtins()) {
    if (!builtin.own_key) continue;
    if (builtin.is_spout == spouts)
      keys.push_back({.name = builtin.name, .shape = Shape::builtin, .help = builtin.help});
    else if (!find_builtin(builtin.name, spouts))
      keys.push_back({.name = builtin.name,
                      .misplaced = spouts ? "it is a bolt: move it to `bolts:`" : "it is a spout: move it to `spouts:`"});
  }
}

std::vector<Key> component_keys(bool spout) {
  std::vector<Key> keys = {
      {.name = "id", .shape = Shape::text, .help = "its name in the topology", .required = true},
      {.name = "plugin", .shape = Shape::text, .help = "runs NAME of a C++ plugin: FILE.so/NAME"},
      {.name = "python", .shape = Shape::text, .help = "runs a Python class: module.Class"},
      {.name = "command", .shape = Shape::command, .help = "runs a program that speaks the multi-lang protocol"},
      {.name = "with", .shape = Shape::map, .help = "its options"},
      {.name = "env", .shape = Shape::text_map, .help = "environment variables of its processes"},
      {.name = "cwd", .shape = Shape::path, .help = "folder in which its processes start"},
      {.name = "config", .shape = Shape::config, .help = "configuration of this component alone"},
      {.name = "parallelism", .shape = Shape::integer, .help = "the number of its tasks", .least = 1, .most = kMostTasks},
      {.name = "blocking", .shape = Shape::boolean, .help = "its code may wait: give it a thread of its own"},
      {.name = "pinned", .shape = Shape::boolean, .help = "call it from one thread only"},
      {.name = "isolate",
       .shape = Shape::text,
       .help = "`process`: a bolt of a plugin runs in a process of its own, which may die alone; `none`"},
      {.name = "outputs", .shape = Shape::outputs, .help = "the fields of its default stream, or its streams by name"}};
  if (spout) {
    keys.push_back({.name = "retry", .shape = Shape::retry, .help = "how failed messages are replayed"});
    keys.push_back({.name = "dead-letter", .shape = Shape::text, .help = "the bolt that gets messages that failed for good"});
    keys.push_back({.name = "inputs", .misplaced = kOnlyBolts});
  } else {
    keys.push_back({.name = "inputs", .shape = Shape::inputs, .help = "the streams it subscribes to, each with its grouping"});
    keys.push_back({.name = "retry", .misplaced = kOnlySpouts});
    keys.push_back({.name = "dead-letter", .misplaced = kOnlySpouts});
  }
  keys.push_back({.name = "numTasks", .misplaced = "`parallelism` is the number of tasks; numTasks is a key of Flux"});
  add_builtins(keys, spout);
  return keys;
}

std::vector<Key> flux_component_keys(bool spout) {
  std::vector<Key> keys = {{.name = "id", .shape = Shape::text, .required = true},
                           {.name = "className", .shape = Shape::text, .required = true},
                           {.name = "constructorArgs", .shape = Shape::list},
                           {.name = "properties", .shape = Shape::list},
                           {.name = "configMethods", .shape = Shape::list},
                           {.name = "factory", .shape = Shape::text},
                           {.name = "factoryArgs", .shape = Shape::list},
                           {.name = "parallelism", .shape = Shape::integer, .least = 1, .most = kMostTasks},
                           {.name = "numTasks", .shape = Shape::integer, .least = -1, .most = kMostTasks},
                           {.name = "onHeapMemoryLoad", .shape = Shape::number, .least = -1},
                           {.name = "offHeapMemoryLoad", .shape = Shape::number, .least = -1},
                           {.name = "cpuLoad", .shape = Shape::number, .least = -1},
                           {.name = "config", .shape = Shape::config}};
  keys.push_back({.name = "inputs", .shape = Shape::inputs, .misplaced = spout ? kOnlyBolts : ""});
  return keys;
}

std::vector<Key> flux_object_keys() {
  return {{.name = "id", .shape = Shape::text},
          {.name = "className", .shape = Shape::text, .required = true},
          {.name = "constructorArgs", .shape = Shape::list},
          {.name = "properties", .shape = Shape::list},
          {.name = "configMethods", .shape = Shape::list},
          {.name = "factory", .shape = Shape::text},
          {.name = "factoryArgs", .shape = Shape::list}};
}

std::vector<Key> make(Form form) {
  switch (form) {
    case Form::topology: return topology_keys();
    case Form::spout: return component_keys(true);
    case Form::bolt: return component_keys(false);
    case Form::include:
      return {{.name = "file", .shape = Shape::text, .help = "the file, relative to this one", .required = true},
              {.name = "resource", .shape = Shape::boolean, .help = "Flux: makes no difference here"},
              {.name = "override", .shape = Shape::boolean, .help = "what it says wins over what this file says"}};
    case Form::output:
      return {{.name = "fields", .shape = Shape::text_list, .help = "the fields of its tuples"},
              {.name = "direct", .shape = Shape::boolean, .help = "the emitter chooses the task"}};
    case Form::grouping:
      return {
          {.name = "fields", .shape = Shape::text_list, .help = "tuples with equal values in these fields go to the same task"},
          {.name = "partial-key", .shape = Shape::text_list, .help = "as fields, but spread over two tasks"},
          {.name = "custom", .shape = Shape::grouping_custom, .help = "a plugin chooses"}};
    case Form::grouping_custom:
      return {{.name = "plugin", .shape = Shape::text, .help = "FILE.so/NAME", .required = true},
              {.name = "with", .shape = Shape::any, .help = "its arguments"}};
    case Form::retry:
      return {{.name = "limit",
               .shape = Shape::count_or_forever,
               .help = "how often a failed message is emitted again, or `forever`; absent: 16",
               .least = 0},
              {.name = "delay", .shape = Shape::delay, .help = "the first and the longest pause before it: 100ms..10s"}};
    case Form::flux_spout: return flux_component_keys(true);
    case Form::flux_bolt: return flux_component_keys(false);
    case Form::flux_stream:
      return {{.name = "name", .shape = Shape::text},
              {.name = "id", .shape = Shape::text},
              {.name = "from", .shape = Shape::text, .required = true},
              {.name = "to", .shape = Shape::text, .required = true},
              {.name = "grouping", .shape = Shape::flux_grouping, .required = true}};
    case Form::flux_grouping:
      return {{.name = "type", .shape = Shape::text, .required = true},
              {.name = "streamId", .shape = Shape::text},
              {.name = "args", .shape = Shape::text_list},
              {.name = "customClass", .shape = Shape::flux_object}};
    case Form::flux_object: return flux_object_keys();
  }
  return {};
}

}  // namespace

const std::vector<Key>& keys_of(Form form) {
  static const std::vector<std::vector<Key>> all = [] {
    std::vector<std::vector<Key>> made;
    for (int i = 0; i <= static_cast<int>(Form::flux_object); ++i) made.push_back(make(static_cast<Form>(i)));
    return made;
  }();
  return all[static_cast<std::size_t>(form)];
}

std::vector<std::string> names_of(std::span<const Key> keys) {
  std::vector<std::string> names;
  for (const Key& key : keys)
    if (key.misplaced.empty()) names.emplace_back(key.name);
  return names;
}

}  // namespace sparse::topology
