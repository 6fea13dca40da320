#include "core/config/secrets.h"

#include <algorithm>

namespace sparse {
namespace {

constexpr std::string_view kNames[] = {"ssl.key.pem", "ssl_key", "sasl.oauthbearer.config"};

constexpr std::size_t kShortest = std::string_view("secret").size();

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::size_t skip_blanks(std::string_view line, std::size_t at) {
  return std::min(line.find_first_not_of(" \t", at), line.size());
}

/// Where the text in quotes ends that begins before `at`: a quote that is escaped, or doubled, is a part of it.
std::size_t end_of_quoted(std::string_view line, std::size_t at, char quote) {
  for (; at < line.size(); ++at) {
    if (quote == '"' && line[at] == '\\')
      ++at;
    else if (line[at] == quote && quote == '\'' && at + 1 < line.size() && line[at + 1] == quote)
      ++at;
    else if (line[at] == quote)
      return at;
  }
  return line.size();
}

/// `at` is behind a key, and becomes where its value begins; the answer is where it ends. Nothing to hide: both are the same.
std::size_t end_of_value(std::string_view line, std::size_t& at, bool in_braces) {
  if (at < line.size() && (line[at] == '"' || line[at] == '\'')) ++at;  // the key's
  at = skip_blanks(line, at);
  if (at >= line.size() || (line[at] != ':' && line[at] != '=')) return at;
  at = skip_blanks(line, at + 1);
  if (at >= line.size() || line[at] == '{' || line[at] == '[') return at;
  if (line[at] == '"' || line[at] == '\'') {
    const char quote = line[at++];
    return end_of_quoted(line, at, quote);
  }
  // Commas are a part of it where no brace was opened; where one was on a line before, too much is hidden.
  return in_braces ? std::min(line.find_first_of(",}", at), line.size()) : line.size();
}

}  // namespace

bool is_secret_name(std::string_view name) {
  if (name.size() < kShortest) return false;
  std::string small(name);
  std::ranges::transform(small, small.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; });
  return std::ranges::find(kNames, small) != std::end(kNames) || small.ends_with("password") || small.ends_with("secret");
}

std::string hide_secrets(std::string_view line) {
  std::string shown;
  std::size_t copied = 0;
  bool in_braces = false;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = at;
    while (at < line.size() && is_of_name(line[at])) ++at;
    if (at == begin) {
      in_braces |= line[at++] == '{';
      continue;
    }
    if (!is_secret_name(line.substr(begin, at - begin))) continue;
    const std::size_t end = end_of_value(line, at, in_braces);
    shown += line.substr(copied, at - copied);
    // One star for each character, so that what stands behind it stays where it was.
    for (; at < end; ++at)
      if ((static_cast<unsigned char>(line[at]) & 0xC0) != 0x80) shown += '*';
    copied = at;
  }
  shown += line.substr(copied);
  return shown;
}

}  // namespace sparse
