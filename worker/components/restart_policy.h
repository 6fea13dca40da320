// When a child is started again, and when not any more.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"

namespace sparse::worker {

struct RestartLimits {
  Nanoseconds delay_min = 100 * kMillisecond;  ///< doubling
  Nanoseconds delay_max = 30 * kSecond;
  Nanoseconds delay_working_max = kSecond;  ///< for a child that had done some work before it died
  Nanoseconds healthy = 60 * kSecond;       ///< a life of this length: all is forgiven
  int give_up_after = 10;                   ///< lives in a row in which no work was done; 0: never
};

/// Pure. The long waits are for children that do not come up: one that works and is killed now and then is back within a second.
class RestartPolicy {
 public:
  explicit RestartPolicy(RestartLimits limits = {}) : limits_(limits) {}

  struct Decision {
    bool give_up = false;
    Nanoseconds delay = 0;
  };
  Decision on_death(Nanoseconds lived, bool worked, Random& random);
  int fruitless() const { return fruitless_; }

 private:
  const RestartLimits limits_;
  int deaths_ = 0;     ///< since the last healthy life
  int fruitless_ = 0;  ///< in a row
};

}  // namespace sparse::worker
