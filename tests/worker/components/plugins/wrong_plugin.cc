// Plugins with one thing wrong each: WRONG says what.
#include <sparse/sdk.h>

#if WRONG == 1  // an ABI stamp of another SDK
static void add(sparse::Registry&) {}
extern "C" __attribute__((visibility("default"))) const sparse::PluginEntry sparse_plugin;
const sparse::PluginEntry sparse_plugin = {sparse::kPluginMagic, "sparse-9-libstdc++", &add};
#elif WRONG == 2  // no entry
extern "C" __attribute__((visibility("default"))) int something_else() { return 0; }
#elif WRONG == 3  // the symbol is something else
extern "C" __attribute__((visibility("default"))) const int sparse_plugin = 7;
#elif WRONG == 4  // throws
SPARSE_PLUGIN(registry) {
  static_cast<void>(registry);
  throw std::runtime_error("no licence");
}
#elif WRONG == 5  // the same name twice
class Nothing final : public sparse::Bolt {
  void execute(const sparse::Tuple&, sparse::Output&) override {}
};
SPARSE_PLUGIN(registry) {
  registry.bolt<Nothing>("Nothing");
  registry.bolt<Nothing>("Nothing");
}
#elif WRONG == 6  // registers nothing
SPARSE_PLUGIN(registry) { static_cast<void>(registry); }
#elif WRONG == 7  // uses what nothing defines
namespace lost {
int& number(double);
}
SPARSE_PLUGIN(registry) {
  static_cast<void>(registry);
  ++lost::number(1);
}
#endif
