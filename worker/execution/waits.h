// How long tuples wait on the edges to a task: on the way from another loop, in its inbox, and with its child process.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/clock.h"
#include "core/metrics/histogram.h"

namespace sparse::worker {

/// Nanoseconds, sampled, at the resolution of a step.
struct EdgeWaits {
  std::uint32_t source = 0;  ///< index of the component
  Histogram transfer = {};   ///< of the first tuple of a batch: from its emit until its target's loop has the batch
  Histogram child = {};      ///< with a child process: its pipes, and its work
  Histogram queue = {};      ///< in the inbox
};

/// Of one task; lives on its loop. The inbox is probed with one record at a time, so that a tuple that waits costs a decrement.
class Waits {
 public:
  void transferred(std::uint32_t source, Nanoseconds took) { edge(source).transfer.add(positive(took)); }

  void answered(std::uint32_t source, Nanoseconds took) { edge(source).child.add(positive(took)); }

  bool probes() const { return ahead_ != 0; }
  /// A record came in, and `ahead` records, itself included, leave the inbox until it is executed.
  void probe(std::uint32_t source, std::uint64_t ahead, Nanoseconds now) {
    source_ = source;
    ahead_ = ahead;
    since_ = now;
  }
  /// A record left the inbox for the component.
  void executed(Nanoseconds now) {
    if (ahead_ != 0 && --ahead_ == 0) edge(source_).queue.add(positive(now - since_));
  }
  /// The inbox has changed in another way than by these two.
  void forget() { ahead_ = 0; }

  const std::vector<EdgeWaits>& edges() const { return edges_; }

 private:
  static std::uint64_t positive(Nanoseconds took) { return took > 0 ? static_cast<std::uint64_t>(took) : 0; }
  EdgeWaits& edge(std::uint32_t source) {
    for (EdgeWaits& edge : edges_)
      if (edge.source == source) return edge;
    return edges_.emplace_back(EdgeWaits{.source = source});
  }

  std::vector<EdgeWaits> edges_;
  std::uint32_t source_ = 0;
  std::uint64_t ahead_ = 0;
  Nanoseconds since_ = 0;
};

}  // namespace sparse::worker
