// From an emit to its targets: the engine's side of Output.
#pragma once

#include <sparse/output.h>

namespace sparse::worker {

class Loop;
struct Task;

/// The table that plugins call through.
const detail::Engine& engine_calls();

/// Calls a bolt with a tuple, as a direct call or with a queued one; its gate allows it. Times one call in 64, more often if
/// they are slow. An exception fails the tuple and goes no further.
void call_bolt(Loop& loop, Task& to, const Tuple& input);

/// The input that `task` is executing has failed, and with it what is current. Counts it once an input.
void fail_input(Task& task, std::string_view reason);

}  // namespace sparse::worker
