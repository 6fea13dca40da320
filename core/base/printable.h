// Text from somebody else, made fit for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace sparse {

/// Terminals obey control characters: all but newlines and tabs are shown as \xNN.
std::string printable(std::string_view text);

}  // namespace sparse
