// SPARSE_CHECK: conditions that only a defect of sparse itself can break. On in release builds; aborts with the place.
#pragma once

namespace sparse {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define SPARSE_CHECK(condition) \
  (__builtin_expect(!!(condition), 1) ? static_cast<void>(0) : ::sparse::check_failed(#condition, __FILE__, __LINE__))
