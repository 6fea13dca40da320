// When a child is started again, and when not any more.
#include "worker/components/restart_policy.h"

#include <algorithm>

namespace sparse::worker {

RestartPolicy::Decision RestartPolicy::on_death(Nanoseconds lived, bool worked, Random& random) {
  if (lived >= limits_.healthy) deaths_ = fruitless_ = 0;
  if (worked) fruitless_ = 0;
  ++deaths_;
  if (!worked) ++fruitless_;
  if (limits_.give_up_after > 0 && fruitless_ >= limits_.give_up_after) return {.give_up = true};
  const Nanoseconds most = worked ? std::min(limits_.delay_working_max, limits_.delay_max) : limits_.delay_max;
  Nanoseconds delay = limits_.delay_min;
  for (int i = 1; i < deaths_ && delay < most; ++i) delay *= 2;
  delay = std::min(delay, most);
  // A quarter up or down, so that the children of one broken host do not come back in step.
  const auto half = static_cast<std::uint64_t>(std::max<Nanoseconds>(1, delay / 2));
  return {.delay = delay - delay / 4 + static_cast<Nanoseconds>(random.below(half))};
}

}  // namespace sparse::worker
