// What the value of an option has to be; what a person reads if it is something else. For CLI11's `check`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sparse::cli {

/// Takes the value; what is wrong with it, or nothing.
using OptionCheck = std::function<std::string(const std::string&)>;

/// `"x" is no whole number from 1 to 1,024`.
OptionCheck whole_number(std::uint64_t least, std::uint64_t most);
/// `"nan" is no number of seconds from 0.1 to 86,400`.
OptionCheck seconds_between(double least, double most);
/// `"pyton" is none of python, cpp (did you mean "python"?)`
OptionCheck one_of(std::vector<std::string> words);

/// CLI11's error in these words: `kind` is its name, as "RequiredError". Without the verb, and what to do.
std::string usage_error_text(const std::string& kind, const std::string& text);

}  // namespace sparse::cli
