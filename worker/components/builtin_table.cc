// One maker for each built-in.
#include "worker/components/builtin_table.h"

#include <fmt/format.h>

#include <string_view>

#include "worker/components/file_bolt.h"
#include "worker/components/file_spout.h"
#include "worker/components/follow_spout.h"
#include "worker/components/generate_spout.h"
#include "worker/components/plain_bolts.h"
#include "worker/components/print_bolt.h"
#include "worker/components/stdin_spout.h"
#include "worker/components/test_words.h"

namespace sparse::worker {
namespace {

template <class T, class... Args>
MadeComponent made(Args&&... args) {
  auto instance = std::make_unique<T>(std::forward<Args>(args)...);
  MadeComponent result;
  if constexpr (std::is_base_of_v<External, T>) result.external = instance.get();
  if constexpr (std::is_base_of_v<Spout, T>)
    result.spout = std::move(instance);
  else
    result.bolt = std::move(instance);
  return result;
}

bool follows(const Value& options) {
  const Value* follow = options.find("follow");
  return follow && follow->as<bool>() && *follow->as<bool>();
}

}  // namespace

Result<MadeComponent> make_builtin(const topology::Component& component, const std::shared_ptr<StdoutSink>& sink) {
  const std::string_view name = component.runs.name;
  if (component.is_spout) {
    if (name == "file") return follows(component.options) ? made<FollowSpout>() : made<FileSpout>();
    if (name == "stdin") return made<StdinSpout>();
    if (name == "generate") return made<GenerateSpout>();
    if (name == "test_word_spout") return made<TestWordSpout>();
  } else {
    if (name == "print") return made<PrintBolt>(sink);
    if (name == "log") return made<LogBolt>();
    if (name == "file") return made<FileBolt>();
    if (name == "discard") return made<DiscardBolt>();
    if (name == "test_word_counter") return made<TestWordCounter>();
  }
  return Error{fmt::format("this version of sparse has no {} {}", name, component.is_spout ? "spout" : "bolt")};
}

}  // namespace sparse::worker
