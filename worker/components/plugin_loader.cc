// dlopen, the stamp, then the plugin's own registration.
#include "worker/components/plugin_loader.h"

#include <dlfcn.h>
#include <link.h>

#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/collect_names.h"
#include "core/base/exception_text.h"
#include "core/base/nearest.h"
#include "worker/components/shared_object.h"

namespace sparse::worker {
namespace {

class Collector final : public Registry {
 public:
  explicit Collector(Plugin& plugin) : plugin_(plugin) {}

  void add_bolt(std::string name, ComponentSpec spec, std::function<std::unique_ptr<Bolt>()> make) override {
    add(plugin_.classes, std::move(name), Plugin::Class{.spec = std::move(spec), .make_bolt = std::move(make)});
  }
  void add_spout(std::string name, ComponentSpec spec, std::function<std::unique_ptr<Spout>()> make) override {
    add(plugin_.classes, std::move(name), Plugin::Class{.spec = std::move(spec), .make_spout = std::move(make)});
  }
  void add_grouping(std::string name, std::function<std::unique_ptr<Grouping>()> make) override {
    add(plugin_.groupings, std::move(name), std::move(make));
  }
  const std::string& twice() const { return twice_; }

 private:
  template <class Map, class T>
  void add(Map& map, std::string name, T what) {
    if (!map.emplace(name, std::move(what)).second) twice_ = std::move(name);
  }

  Plugin& plugin_;
  std::string twice_;
};

/// The entry, if the symbol is data of its size: nothing of it is called.
Result<const PluginEntry*> checked_entry(void* handle) {
  void* symbol = ::dlsym(handle, "sparse_plugin");
  if (!symbol)
    return Error{"is a shared object, but no sparse plugin: it has no symbol sparse_plugin; add SPARSE_PLUGIN(registry) { … }"};
  Dl_info info = {};
  void* extra = nullptr;
  const bool found = ::dladdr1(symbol, &info, &extra, RTLD_DL_SYMENT) != 0 && extra;
  const auto* entry = static_cast<const ElfW(Sym)*>(extra);
  const auto* data = static_cast<const PluginEntry*>(symbol);
  if (!found || ELF64_ST_TYPE(entry->st_info) != STT_OBJECT || entry->st_size < sizeof(PluginEntry) ||
      data->magic != kPluginMagic || !data->abi)
    return Error{"has a symbol sparse_plugin that SPARSE_PLUGIN has not made: use the macro of sparse/sdk.h"};
  if (std::strcmp(data->abi, SPARSE_SDK_ABI) != 0)
    return Error{fmt::format(
        "was built with another SDK (its ABI stamp is {:.64}, this sparse needs {}): rebuild it with the SDK that `sparse sdk "
        "--prefix` names",
        data->abi, SPARSE_SDK_ABI)};
  if (!data->add) return Error{"has an ABI stamp and no registration: use the macro SPARSE_PLUGIN of sparse/sdk.h"};
  return data;
}

/// The end of a sentence that begins with the plugin's name; empty if all went well.
std::string load_into(Plugin& plugin) {
  if (const auto why = why_no_shared_object(plugin.file)) return *why;
  // Never unloaded, and closed to each other: two plugins may define the same names.
  void* handle = ::dlopen(plugin.file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle) {
    const char* message = ::dlerror();
    return explain_link_error(plugin.file, message ? message : "the dynamic linker does not say why");
  }
  const auto entry = checked_entry(handle);
  if (!entry) return entry.error().message;
  Collector collector(plugin);
  try {
    (*entry)->add(collector);
  } catch (...) {
    return "failed to register its components: " + current_exception_text();
  }
  if (!collector.twice().empty()) return fmt::format("registers the name \"{}\" twice", collector.twice());
  if (plugin.classes.empty() && plugin.groupings.empty())
    return "registers nothing: call registry.bolt<…>(\"NAME\") in SPARSE_PLUGIN";
  return {};
}

}  // namespace

Result<const Plugin*> PluginLoader::load(const std::string& file) {
  if (const auto known = loaded_.find(file); known != loaded_.end()) return known->second.get();
  auto plugin = std::make_unique<Plugin>();
  plugin->file = file;
  if (const std::string why = load_into(*plugin); !why.empty()) return Error{fmt::format("the plugin {} {}", file, why)};
  return (loaded_[file] = std::move(plugin)).get();
}

Result<const Plugin::Class*> find_class(const Plugin& plugin, std::string_view name, bool spout) {
  const auto found = plugin.classes.find(name);
  if (found != plugin.classes.end()) {
    if (spout == static_cast<bool>(found->second.make_spout)) return &found->second;
    return Error{fmt::format("\"{}\" of the plugin {} is a {}, and the topology file has it among the {}", name, plugin.file,
                             spout ? "bolt" : "spout", spout ? "spouts" : "bolts")};
  }
  const std::vector<std::string> known = collect_names(plugin.classes, [](const auto& pair) { return pair.first; });
  const std::string meant = nearest(name, known);
  return Error{
      fmt::format("the plugin {} has no \"{}\"; {}", plugin.file, name,
                  meant.empty() ? fmt::format("it has {}", fmt::join(known, ", ")) : fmt::format("did you mean \"{}\"?", meant))};
}

}  // namespace sparse::worker
