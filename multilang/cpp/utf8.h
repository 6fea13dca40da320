// Whether bytes are text: UTF-8, and whether they are all ASCII.
#pragma once

#include <cstddef>
#include <string_view>

namespace sparse::multilang {

/// The length of the UTF-8 sequence at `at`, which does not start with ASCII; 0 if it is not valid.
std::size_t utf8_sequence(const unsigned char* at, const unsigned char* end);
bool is_ascii(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace sparse::multilang
