// Wording of suggestions and lists of names in diagnostics.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sparse {

/// `did you mean "word"?`, or empty. Empty, too, for more candidates than can be compared in no time.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// `"a", "b" and "c"`; past 20 names, how many more.
std::string quoted_list(const std::vector<std::string>& words);

/// `["a", "b"]`.
std::string bracketed(const std::vector<std::string>& words);

}  // namespace sparse
