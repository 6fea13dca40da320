// The topology as a value: what a topology file says after it was read, before and after it was resolved.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sparse/value.h>

namespace sparse::topology {

/// A place in a user's file; line and column count from 1, 0 means unknown.
struct Where {
  std::string file;
  int line = 0;
  int column = 0;
  int end_column = 0;  ///< one past its last character; 0: unknown
  bool operator==(const Where&) const = default;
};

/// What runs as a component.
struct Implementation {
  enum class Kind { plugin, python, command, builtin };
  Kind kind = Kind::builtin;
  std::string file = {};               ///< plugin: the absolute path of the .so
  std::string name = {};               ///< plugin: name in the registry; python: module.Class; built-in: its key, as in `print`
  std::vector<std::string> argv = {};  ///< command
};

enum class GroupingKind { shuffle, fields, all, global, none, direct, local_or_shuffle, partial_key, custom };

struct GroupingSpec {
  GroupingKind kind = GroupingKind::shuffle;
  std::vector<std::string> fields = {};  ///< fields, partial-key
  Implementation custom = {};            ///< custom: a plugin
  Value arguments = {};                  ///< custom: what its `prepare` gets
  std::vector<Where> field_places = {};  ///< of `fields`, if they are known
};

struct Stream {
  std::string name = "default";
  std::vector<std::string> fields = {};
  bool direct = false;
  Where where = {};
};

/// One subscription of a bolt. Component `__system` with stream `__tick` asks for ticks.
struct Input {
  std::string component;
  std::string stream = "default";
  GroupingSpec grouping = {};
  Where where = {};
};

struct Retry {
  std::int64_t limit = 16;          ///< how often a failed message is emitted again; -1: for ever
  std::int64_t delay_min_ms = 100;  ///< before the first, doubling
  std::int64_t delay_max_ms = 10'000;
};

struct Component {
  std::string id = {};
  bool is_spout = false;
  bool half_read = false;  ///< there are errors in it: it stands for its name, so that they do not lead to others elsewhere
  Implementation runs = {};
  Value options = Value(Value::Map{});          ///< `with:`, and the value under a built-in's own key; always a map
  Value config = Value(Value::Map{});           ///< Storm's keys for this component alone; always a map
  std::map<std::string, std::string> env = {};  ///< children
  std::string cwd = {};                         ///< children; absolute; empty: the topology file's folder
  std::uint32_t parallelism = 1;                ///< the number of tasks
  bool blocking = false;
  bool pinned = false;
  bool manual_ack = false;          ///< C++ classes say so in their spec
  std::optional<Retry> retry = {};  ///< built-in spouts; absent: the default
  std::string dead_letter = {};     ///< a component's id, or empty: a log line
  std::vector<Stream> outputs = {};
  std::vector<Input> inputs = {};
  Where where = {};                          ///< of its id
  std::map<std::string, Where> places = {};  ///< of keys that checks speak about: `parallelism`, `retry`; see Topology::places
};

struct Topology {
  std::string name;
  Value config = Value(Value::Map{});
  std::vector<Component> components = {};    ///< spouts first, in the order of the file
  std::map<std::string, Where> places = {};  ///< of `name`, and of values and keys of `config`: `config.KEY`, `config-key.KEY`
  std::string file = {};                     ///< absolute path of the file it was read from
  std::string folder = {};                   ///< absolute; relative paths and children start here
};

/// Typed access to Storm's configuration keys, the component's own first. Absent or of another type: `fallback`.
std::int64_t config_integer(const Topology& topology, const Component* component, std::string_view key, std::int64_t fallback);
bool config_boolean(const Topology& topology, const Component* component, std::string_view key, bool fallback);

/// The key of a component's configuration that `isolate:` sets: `process`.
inline constexpr std::string_view kIsolateKey = "sparse.isolate";
/// Its tasks are processes of their own: `command:`, `python:`, and plugins with `isolate: process`.
bool runs_as_child(const Component& component);

/// The topology's configuration with the component's merged over it, by Storm's rules (storm keys outside its list of
/// overridable ones do not pass).
Value merged_config(const Topology& topology, const Component& component);

/// Whether a component may set this key for itself: Storm lets it set few of Storm's own keys, and any other.
bool may_override(std::string_view key);

const Component* find_component(const Topology& topology, std::string_view id);
const Stream* find_stream(const Component& component, std::string_view name);
std::string_view grouping_name(GroupingKind kind);  ///< as topology files spell it: `local-or-shuffle`

}  // namespace sparse::topology
