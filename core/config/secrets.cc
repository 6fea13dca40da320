#include "core/config/secrets.h"

#include <algorithm>

namespace sparse {
namespace {

constexpr std::string_view kNames[] = {"ssl.key.pem", "ssl_key", "sasl.oauthbearer.config"};

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::size_t skip_blanks(std::string_view line, std::size_t at) {
  return std::min(line.find_first_not_of(" \t", at), line.size());
}

/// `at` is behind a key, and becomes where its value begins; the answer is where it ends. Nothing to hide: both are the same.
std::size_t end_of_value(std::string_view line, std::size_t& at) {
  if (at < line.size() && (line[at] == '"' || line[at] == '\'')) ++at;  // the key's
  at = skip_blanks(line, at);
  if (at >= line.size() || (line[at] != ':' && line[at] != '=')) return at;
  at = skip_blanks(line, at + 1);
  if (at >= line.size() || line[at] == '{' || line[at] == '[') return at;
  if (line[at] == '"' || line[at] == '\'') {
    const char quote = line[at++];
    return std::min(line.find(quote, at), line.size());
  }
  return std::min(line.find_first_of(",}", at), line.size());
}

}  // namespace

bool is_secret_name(std::string_view name) {
  std::string small(name);
  std::ranges::transform(small, small.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; });
  return std::ranges::find(kNames, small) != std::end(kNames) || small.ends_with("password") || small.ends_with("secret");
}

std::string hide_secrets(std::string_view line) {
  std::string shown(line);
  for (std::size_t at = 0; at < line.size();) {
    if (!is_of_name(line[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < line.size() && is_of_name(line[at])) ++at;
    if (!is_secret_name(line.substr(begin, at - begin))) continue;
    std::size_t value = at;
    const std::size_t end = end_of_value(line, value);
    // One star for each character, so that what stands behind it stays where it was.
    std::string hidden;
    for (const char c : line.substr(value, end - value))
      if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) hidden += '*';
    if (end <= value) continue;
    return shown.substr(0, value) + hidden + hide_secrets(line.substr(end));
  }
  return shown;
}

}  // namespace sparse
