// Plugins that load, and one readable sentence for each way in which one cannot.
#include "worker/components/plugin_loader.h"

#include <elf.h>
#include <gmock/gmock.h>

#include "tests/support/scratch.h"
#include "worker/components/shared_object.h"

namespace sparse::worker {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string built(const std::string& name) { return std::string(SPARSE_TEST_PLUGINS) + "/" + name + ".so"; }

std::string load_error(const std::string& file) {
  PluginLoader loader;
  const auto plugin = loader.load(file);
  return plugin ? "" : plugin.error().message;
}

std::string elf(std::uint16_t machine, std::uint16_t type) {
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = machine;
  header.e_type = type;
  return std::string(reinterpret_cast<const char*>(&header), sizeof header);
}

TEST(PluginLoader, gives_what_a_plugin_has_registered_and_loads_it_once) {
  PluginLoader loader;
  const auto plugin = loader.load(built("good_plugin"));
  ASSERT_TRUE(plugin) << plugin.error().message;
  EXPECT_EQ(loader.load(built("good_plugin")).value(), plugin.value());
  const auto upper = find_class(**plugin, "Upper", false);
  ASSERT_TRUE(upper);
  EXPECT_THAT((*upper)->spec.outputs, testing::ElementsAre("text"));
  EXPECT_EQ((*upper)->spec.streams.at(0).name, "errors");
  EXPECT_NE((*upper)->make_bolt(), nullptr);
  const auto numbers = find_class(**plugin, "Numbers", true);
  ASSERT_TRUE(numbers);
  EXPECT_NE((*numbers)->make_spout(), nullptr);
  EXPECT_NE((*plugin)->groupings.at("First")(), nullptr);
}

TEST(PluginLoader, names_the_class_that_was_meant) {
  PluginLoader loader;
  const auto plugin = loader.load(built("good_plugin"));
  ASSERT_TRUE(plugin);
  EXPECT_THAT(find_class(**plugin, "Uper", false).error().message, HasSubstr("has no \"Uper\"; did you mean \"Upper\"?"));
  EXPECT_THAT(find_class(**plugin, "Whatever", false).error().message, HasSubstr("it has Numbers, Upper"));
  EXPECT_THAT(find_class(**plugin, "Numbers", false).error().message,
              HasSubstr("is a spout, and the topology file has it among the bolts"));
}

TEST(PluginLoader, refuses_a_foreign_plugin_in_one_sentence) {
  const struct {
    std::string name;
    std::string_view sentence;
  } cases[] = {
      {"wrong_stamp",
       "was built with another SDK (its ABI stamp is sparse-9-libstdc++, this sparse needs " SPARSE_SDK_ABI "): rebuild it"},
      {"wrong_none", "has no symbol sparse_plugin"},
      {"wrong_symbol", "that SPARSE_PLUGIN has not made"},
      {"wrong_throws", "failed to register its components: no licence"},
      {"wrong_twice", "registers the name \"Nothing\" twice"},
      {"wrong_empty", "registers nothing"},
      {"wrong_undefined", "needs lost::number(double), which nothing defines"},
  };
  for (const auto& each : cases) {
    const std::string message = load_error(built(each.name));
    EXPECT_THAT(message, AllOf(StartsWith("the plugin " + built(each.name) + " "), HasSubstr(each.sentence)));
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST(PluginLoader, refuses_what_is_no_shared_object_of_this_machine) {
  const test::Scratch scratch;
#if defined(__x86_64__)
  constexpr std::uint16_t here = EM_X86_64, there = EM_AARCH64;
#else
  constexpr std::uint16_t here = EM_AARCH64, there = EM_X86_64;
#endif
  EXPECT_THAT(load_error(scratch.path("absent.so")), HasSubstr("does not exist: build it first"));
  EXPECT_THAT(load_error(scratch.folder()), HasSubstr("is not a file"));
  EXPECT_THAT(load_error(scratch.write("empty.so", "")), HasSubstr("is empty"));
  EXPECT_THAT(load_error(scratch.write("text.so", "class Split: pass\n")), HasSubstr("is not a shared object"));
  EXPECT_THAT(load_error(scratch.write("short.so", "\177ELF")), HasSubstr("is cut off"));
  EXPECT_THAT(load_error(scratch.write("other.so", elf(there, ET_DYN))), HasSubstr("and this machine is"));
  EXPECT_THAT(load_error(scratch.write("object.so", elf(here, ET_REL))), HasSubstr("link it with -shared"));
  EXPECT_THAT(load_error(scratch.write("damaged.so", elf(here, ET_DYN))), HasSubstr("cannot be loaded: "));
}

TEST(PluginLoader, rewords_what_the_dynamic_linker_says) {
  EXPECT_EQ(explain_link_error("/p.so", "libfoo.so.1: cannot open shared object file: No such file or directory"),
            "needs the library libfoo.so.1, which is not installed here: install it, or add its folder to LD_LIBRARY_PATH");
  EXPECT_EQ(explain_link_error("/p.so", "/p.so: undefined symbol: _Z3foov"),
            "needs foo(), which nothing defines: link the library or source file that has it");
  EXPECT_EQ(explain_link_error("/p.so", "/p.so: file too short"), "cannot be loaded: file too short");
}

}  // namespace
}  // namespace sparse::worker
