// What a plugin exports: one C symbol with an ABI stamp, and the function that registers its components.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sparse {

/// A named stream besides the default one.
struct StreamSpec {
  std::string name;
  std::vector<std::string> fields;
  bool direct = false;
};

/// What a class says of itself. A topology file may leave out what is said here; if it says otherwise, that is an error.
struct ComponentSpec {
  std::vector<std::string> outputs = {};  ///< fields of the default stream; empty: it has none
  std::vector<StreamSpec> streams = {};   ///< further streams
  bool manual_ack = false;                ///< bolts: returning from `execute` does not ack
  bool pinned = false;                    ///< all calls from one thread
  bool blocking = false;                  ///< its calls may wait: give it a loop of its own
};

/// Chooses tasks for `{custom: {plugin: FILE.so/NAME}}` inputs. Its calls come from the emitting task's loop.
class Grouping {
 public:
  virtual ~Grouping() = default;
  /// Once, before any choice: the tasks of the subscriber, ascending, and the arguments of the topology file.
  virtual void prepare(const std::vector<TaskId>& targets, const Value& arguments) = 0;
  /// Appends the chosen tasks, each one of `targets`.
  virtual void choose(const Tuple& tuple, std::vector<TaskId>& chosen) = 0;
};

/// Collects what a plugin has. Names are what `plugin: FILE.so/NAME` gives.
class Registry {
 public:
  virtual ~Registry() = default;
  virtual void add_bolt(std::string name, ComponentSpec spec, std::function<std::unique_ptr<Bolt>()> make) = 0;
  virtual void add_spout(std::string name, ComponentSpec spec, std::function<std::unique_ptr<Spout>()> make) = 0;
  virtual void add_grouping(std::string name, std::function<std::unique_ptr<Grouping>()> make) = 0;

  template <class T>
  void bolt(std::string name, ComponentSpec spec = {}) {
    add_bolt(std::move(name), std::move(spec), [] { return std::make_unique<T>(); });
  }
  template <class T>
  void spout(std::string name, ComponentSpec spec = {}) {
    add_spout(std::move(name), std::move(spec), [] { return std::make_unique<T>(); });
  }
  template <class T>
  void grouping(std::string name) {
    add_grouping(std::move(name), [] { return std::make_unique<T>(); });
  }
};

/// The SDK's version. Plugins and engines work together if the ABI stamps are equal: one per major version, compiler family
/// and standard library.
#define SPARSE_SDK_ABI_MAJOR "1"
#if defined(__GLIBCXX__)
#define SPARSE_SDK_ABI_LIBRARY "libstdc++"
#elif defined(_LIBCPP_VERSION)
#define SPARSE_SDK_ABI_LIBRARY "libc++"
#else
#define SPARSE_SDK_ABI_LIBRARY "unknown"
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI) && !_GLIBCXX_USE_CXX11_ABI
#define SPARSE_SDK_ABI_STRING "-old-strings"
#else
#define SPARSE_SDK_ABI_STRING ""
#endif
#define SPARSE_SDK_ABI "sparse-" SPARSE_SDK_ABI_MAJOR "-" SPARSE_SDK_ABI_LIBRARY SPARSE_SDK_ABI_STRING

/// The plugin's one symbol, plain C data: it can be read before any C++ of the plugin runs.
struct PluginEntry {
  std::uint64_t magic;  ///< kPluginMagic
  const char* abi;      ///< SPARSE_SDK_ABI as the plugin was compiled
  void (*add)(Registry&);
};
inline constexpr std::uint64_t kPluginMagic = 0x31706573726170ull;

}  // namespace sparse

/// Registers the components of a plugin: `SPARSE_PLUGIN(registry) { registry.bolt<Split>("Split", {.outputs = {"word"}}); }`
#define SPARSE_PLUGIN(registry)                                                                                        \
  static void sparse_plugin_add(::sparse::Registry& registry);                                                         \
  extern "C" __attribute__((visibility("default"))) const ::sparse::PluginEntry sparse_plugin;                         \
  extern "C" const ::sparse::PluginEntry sparse_plugin = {::sparse::kPluginMagic, SPARSE_SDK_ABI, &sparse_plugin_add}; \
  static void sparse_plugin_add(::sparse::Registry& registry)
