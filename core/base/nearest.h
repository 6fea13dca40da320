// Did you mean: the known word nearest to one that is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sparse {

/// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other, upper and lower case
/// taken as equal. Words are cut after 128 bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `known`, the first of them where several are as near; empty if none is near enough to be meant.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace sparse
