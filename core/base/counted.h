// A number and what it counts: `1 message`, `2,000 messages`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sparse {

std::string grouped(std::uint64_t number);  ///< `1,234,567`
/// `noun` is in the singular, and takes an s.
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace sparse
