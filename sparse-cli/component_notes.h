// What components tell of themselves beyond the engine's counters, in a line for people.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <sparse/sdk.h>

namespace sparse::cli {

struct ComponentNote {
  std::string text;            ///< `lines: lag 1,234, 3 dead letters; no broker of … answers`
  bool alarm = false;          ///< something is wrong
  bool waits_outside = false;  ///< with what is no part of the topology, as brokers
  bool operator==(const ComponentNote&) const = default;
};

/// Of `figures` the lag, the dead letters, what is to be tried again and the state, of all tasks together; one for each component
/// that tells any of them.
std::vector<ComponentNote> notes_of(const std::map<std::string, std::vector<Value>>& figures);

}  // namespace sparse::cli
