// The components that come with sparse: what each is called, which options it takes, and how it is made.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "worker/components/component.h"
#include "worker/components/stdout_sink.h"

namespace sparse::worker {

struct Builtin {
  std::string key;  ///< as in a topology file: `print: {}`; with the role it is unique, there is a `file` spout and a `file` bolt
  bool is_spout = false;
  std::vector<std::string> outputs = {};   ///< fields of the default stream
  std::vector<std::string> options = {};   ///< all it knows
  std::vector<std::string> required = {};  ///< of these
};

const std::vector<Builtin>& builtins();
const Builtin* find_builtin(std::string_view key, bool is_spout);

/// Its outputs; an error for options that it does not have, or lacks.
Result<ComponentSpec> describe_builtin(const topology::Component& component);

/// `sink` is what the print bolts of a worker share.
Result<MadeComponent> make_builtin(const topology::Component& component, const std::shared_ptr<StdoutSink>& sink);

/// A component made of `T`, with its second face if it has one.
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

}  // namespace sparse::worker
