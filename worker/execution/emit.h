// From an emit to its targets: the engine's side of Output.
#pragma once

#include <span>

#include <sparse/output.h>

#include "worker/acking/tree.h"

namespace sparse::worker {

class Loop;
struct Task;

/// The table that plugins call through.
const detail::Engine& engine_calls();

/// Calls a bolt with a tuple, as a direct call or with a queued one; its gate allows it. Times one call in 64, more often if
/// they are slow. An exception fails the tuple and goes no further.
void call_bolt(Loop& loop, Task& to, const Tuple& input);

/// Emits of a bolt outside of `execute`, anchored to these trees alone; `how` has no anchors. False: a bolt that was called
/// directly has failed them, and the loop has the reason.
bool emit_anchored(Task& task, std::span<Tree* const> trees, const Emit& how, const Cell* cells, std::uint32_t count);
/// The same for `rows` tuples on the default stream, of `fields` values each.
bool emit_rows(Task& task, std::span<Tree* const> trees, const Cell* cells, std::uint32_t fields, std::uint32_t rows);

/// The input that `task` is executing has failed, and with it what is current. Counts it once an input.
void fail_input(Task& task, std::string_view reason);

}  // namespace sparse::worker
