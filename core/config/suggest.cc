#include "core/config/suggest.h"

#include "core/base/nearest.h"

namespace sparse {
namespace {
constexpr std::size_t kMostCandidates = 500;
constexpr std::size_t kMostListed = 20;
}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || candidates.size() > kMostCandidates) return {};
  const std::string found = nearest(word, candidates);
  return found.empty() ? "" : "did you mean \"" + found + "\"?";
}

std::string quoted_list(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i == kMostListed) return out + " and " + std::to_string(words.size() - i) + " more";
    if (i > 0) out += i + 1 == words.size() ? " and " : ", ";
    out += "\"" + words[i] + "\"";
  }
  return out;
}

std::string bracketed(const std::vector<std::string>& words) {
  std::string out = "[";
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i == kMostListed) return out + ", …]";
    out += (i > 0 ? ", \"" : "\"") + words[i] + "\"";
  }
  return out + "]";
}

}  // namespace sparse
