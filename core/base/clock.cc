#include "core/base/clock.h"

#include <ctime>

namespace sparse {

Nanoseconds SystemClock::now() const {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

}  // namespace sparse
