// The engine's own words to a spout, which spouts can tell from those of a bolt.
#pragma once

#include <string_view>

namespace sparse::worker {

inline constexpr std::string_view kTimeoutReason = "timeout: the tree was not complete in time (topology.message.timeout.secs)";
/// After `worker N`.
inline constexpr std::string_view kLostReason = " was lost with tuples of this tree";

}  // namespace sparse::worker
