#include "core/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace sparse {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "sparse: defect in sparse itself: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace sparse
