// What it costs to hand a tuple to another core, measured here and now.
#pragma once

#include <optional>

#include "core/base/clock.h"

namespace sparse::worker {

/// A ping-pong between this thread and another one that it starts, of about a millisecond; to be done when two cores are free.
/// Nanoseconds a tuple for each of the two sides: a quarter of the round trip, which comes within a third of what moving a bolt
/// to another loop really costs. Nothing if the other thread got no core in time.
std::optional<double> measure_handover();

/// What one look at this clock takes.
Nanoseconds measure_clock(const Clock& clock);

}  // namespace sparse::worker
