// The time of day, for what people and brokers say; it may jump, so never for intervals.
#pragma once

#include <cstdint>

namespace sparse {

std::int64_t unix_milliseconds();

}  // namespace sparse
