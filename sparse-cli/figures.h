// Numbers and times as people read them.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"
#include "core/base/counted.h"

namespace sparse::cli {

std::string compact(double number);                ///< at most five characters: `0`, `12`, `1.23k`, `123M`
std::string time_text(std::uint64_t nanoseconds);  ///< `0`, `850ns`, `12.3us`, `3.40ms`, `1.20s`
std::string clock_text(Nanoseconds elapsed);       ///< `00:12`, `1:02:03`

}  // namespace sparse::cli
