#include "sparse-cli/option_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/counted.h"
#include "core/base/nearest.h"

namespace sparse::cli {
namespace {

template <class T>
bool read_whole(const std::string& word, T& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size();
}

}  // namespace

OptionCheck whole_number(std::uint64_t least, std::uint64_t most) {
  return [=](const std::string& word) -> std::string {
    std::uint64_t number = 0;
    if (read_whole(word, number) && number >= least && number <= most) return {};
    return fmt::format("\"{}\" is no whole number from {} to {}", word, grouped(least), grouped(most));
  };
}

OptionCheck seconds_between(double least, double most) {
  return [=](const std::string& word) -> std::string {
    double number = 0;
    if (read_whole(word, number) && number >= least && number <= most) return {};
    return fmt::format("\"{}\" is no number of seconds from {:g} to {}", word, least, grouped(static_cast<std::uint64_t>(most)));
  };
}

OptionCheck one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& word) -> std::string {
    if (std::ranges::find(words, word) != words.end()) return {};
    const std::string meant = nearest(word, words);
    return fmt::format("\"{}\" is none of {}{}", word, fmt::join(words, ", "),
                       meant.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", meant));
  };
}

std::string usage_error_text(const std::string& kind, const std::string& text) {
  // "--brokers: 1 required HOST:PORT,... missing"
  const std::size_t colon = text.find(": 1 required "), missing = text.rfind(" missing");
  if (kind == "ArgumentMismatch" && colon != text.npos && missing != text.npos && missing > colon + 13)
    return fmt::format("{} wants a value: {}", text.substr(0, colon), text.substr(colon + 13, missing - colon - 13));
  // "Could not convert: --watch = maybe": every other option checks its values before.
  const std::size_t flag = text.find("--"), equals = text.find(" = ");
  if (kind == "ConversionError" && flag != text.npos && equals != text.npos && equals > flag)
    return fmt::format("{} is on or off, and takes no value", text.substr(flag, equals - flag));
  return text;
}

}  // namespace sparse::cli
