#include "sparse-cli/kafka/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "core/base/nearest.h"

namespace sparse::cli {
namespace {

constexpr std::int64_t kMostPartitions = 10'000;
constexpr std::int64_t kLastTime = 253'402'300'799'999;  // the year 9999

/// A whole word as a number.
bool read_number(std::string_view word, std::int64_t& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size() && !word.empty();
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

Error no_time(std::string_view word) {
  return {
      fmt::format("\"@{}\" is no time: write @-90s, @-1h or @-2d, @2026-11-25, @2026-11-25T10:00 or @2026-11-25T10:00:05Z, or "
                  "milliseconds since 1970",
                  word)};
}

/// `-90s`: milliseconds; 0 if it is none.
std::int64_t span_of(std::string_view word) {
  std::int64_t amount = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), amount);
  if (error != std::errc() || amount < 1 || amount > 1'000'000'000) return 0;
  const std::string_view unit(end, static_cast<std::size_t>(word.data() + word.size() - end));
  constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"w", 604'800'000}};
  for (const auto& [name, scale] : units)
    if (unit == name) return amount <= kLastTime / scale ? amount * scale : 0;
  return 0;
}

/// `Z`, `+01:00`, `-0530`: minutes to take off.
bool read_zone(std::string_view zone, int& minutes) {
  minutes = 0;
  if (zone == "Z" || zone == "z") return true;
  if (zone.size() < 3 || (zone[0] != '+' && zone[0] != '-')) return false;
  std::string digits(zone.substr(1));
  std::erase(digits, ':');
  if (digits.size() == 2) digits += "00";
  std::int64_t number = 0;
  if (digits.size() != 4 || !read_number(digits, number) || number < 0 || number % 100 > 59 || number > 1459) return false;
  minutes = static_cast<int>(number / 100 * 60 + number % 100) * (zone[0] == '-' ? -1 : 1);
  return true;
}

}  // namespace

Result<bool> check_brokers(std::string_view word) {
  if (trimmed(word).empty()) return Error{"-b is empty: say HOST:PORT,…"};
  if (word == "embedded")
    return Error{
        "-b: `embedded` is a word for topology files: say the address that \"sparse run\" or \"sparse kafka serve\" prints"};
  for (std::size_t at = 0; at < word.size();) {
    const std::string_view one = trimmed(word.substr(at, word.find(',', at) - at));
    at = std::min(word.find(',', at), word.size() - 1) + 1;
    std::string protocol(one.substr(0, std::min(one.find("://"), one.size())));
    if (protocol.size() == one.size()) continue;
    std::ranges::transform(protocol, protocol.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (protocol != "plaintext" && protocol != "ssl" && protocol != "sasl_plaintext" && protocol != "sasl_ssl")
      return Error{fmt::format("-b is HOST:PORT,…, found \"{}\": leave \"{}://\" out", one, protocol)};
  }
  return true;
}

Result<bool> check_topic_name(std::string_view name) {
  const bool good =
      !name.empty() && name.size() <= 249 && name != "." && name != ".." &&
      std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-'; });
  if (good) return true;
  return Error{
      fmt::format("\"{}\" cannot be the name of a topic: those have at most 249 letters, digits, \".\", \"_\" and \"-\"", name)};
}

Result<TopicSpec> parse_topic_spec(std::string_view word) {
  const std::size_t colon = word.rfind(':');
  TopicSpec spec{.topic = std::string(word.substr(0, colon))};
  std::int64_t partitions = 0;
  if (colon == std::string_view::npos || !read_number(word.substr(colon + 1), partitions))
    return Error{fmt::format("--topic is TOPIC:PARTITIONS, as in lines:4, found \"{}\"", word)};
  if (partitions < 1 || partitions > kMostPartitions)
    return Error{fmt::format("--topic {}: a topic has between 1 and {} partitions", word, kMostPartitions)};
  if (const auto named = check_topic_name(spec.topic); !named) return named.error();
  spec.partitions = static_cast<int>(partitions);
  return spec;
}

Result<LoadSpec> parse_load_spec(std::string_view word) {
  const std::size_t colon = word.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == word.size())
    return Error{fmt::format("--load is FILE:TOPIC, as in shakespeare.txt:lines, found \"{}\"", word)};
  LoadSpec spec{.file = std::string(word.substr(0, colon)), .topic = std::string(word.substr(colon + 1))};
  if (const auto named = check_topic_name(spec.topic); !named) return named.error();
  return spec;
}

Result<Position> parse_position(std::string_view word, std::int64_t now) {
  if (word == "start" || word == "beginning" || word == "earliest") return Position{.kind = Position::Kind::start};
  if (word == "end" || word == "latest") return Position{.kind = Position::Kind::end};
  if (word.starts_with('@')) {
    const auto time = parse_time(word.substr(1), now);
    if (!time) return time.error();
    return Position{.kind = Position::Kind::time, .number = *time};
  }
  std::int64_t number = 0;
  if (read_number(word, number)) {
    if (number >= 0 && !word.starts_with('-')) return Position{.kind = Position::Kind::offset, .number = number};
    if (number < 0 && number > -kLastTime) return Position{.kind = Position::Kind::last, .number = -number};
  }
  const std::string meant = nearest(word, {"start", "end", "earliest", "latest"});
  return Error{fmt::format("\"{}\" is no offset: write start, end, a number, -N for the last N, or a time as @-1h{}", word,
                           meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant))};
}

Result<std::int64_t> parse_time(std::string_view word, std::int64_t now) {
  if (word.starts_with('-')) {
    const std::int64_t span = span_of(word.substr(1));
    if (span == 0) return no_time(word);
    return std::max<std::int64_t>(0, now - span);
  }
  std::int64_t number = 0;
  if (read_number(word, number)) {
    if (number < 0 || number > kLastTime) return no_time(word);
    return number;
  }
  const std::string text(word);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milliseconds = 0, used = 0, more = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || used != 10) return no_time(word);
  if (static_cast<std::size_t>(used) < text.size()) {
    const char* at = text.c_str() + used;
    if ((*at != 'T' && *at != ' ') || std::sscanf(at + 1, "%2d:%2d%n", &hour, &minute, &more) != 2 || more != 5)
      return no_time(word);
    used += 1 + more;
    if (text[static_cast<std::size_t>(used)] == ':') {
      if (std::sscanf(text.c_str() + used, ":%2d%n", &second, &more) != 1 || more != 3) return no_time(word);
      used += more;
      if (text[static_cast<std::size_t>(used)] == '.') {
        if (std::sscanf(text.c_str() + used, ".%3d%n", &milliseconds, &more) != 1 || more != 4) return no_time(word);
        used += more;
      }
    }
  }
  const bool in_range = year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour >= 0 && hour < 24 &&
                        minute >= 0 && minute < 60 && second >= 0 && second < 60 && milliseconds >= 0;
  if (!in_range) return no_time(word);
  std::tm parts = {};
  parts.tm_year = year - 1900, parts.tm_mon = month - 1, parts.tm_mday = day;
  parts.tm_hour = hour, parts.tm_min = minute, parts.tm_sec = second, parts.tm_isdst = -1;
  const std::string zone = text.substr(static_cast<std::size_t>(used));
  int minutes = 0;
  if (!zone.empty() && !read_zone(zone, minutes)) return no_time(word);
  const std::time_t at = zone.empty() ? std::mktime(&parts) : ::timegm(&parts);
  if (parts.tm_mday != day || at < 0) return no_time(word);  // the 30th of February
  return (static_cast<std::int64_t>(at) - minutes * 60) * 1000 + milliseconds;
}

Result<std::string> parse_separator(std::string_view word) {
  std::string separator;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '\\' || i + 1 == word.size()) {
      separator += word[i];
      continue;
    }
    const char next = word[++i];
    constexpr std::pair<char, char> known[] = {{'t', '\t'}, {'n', '\n'}, {'r', '\r'}, {'0', '\0'}, {'\\', '\\'}};
    const auto found = std::ranges::find(known, next, &std::pair<char, char>::first);
    if (found != std::end(known)) {
      separator += found->second;
      continue;
    }
    unsigned byte = 0;
    const std::string_view digits = word.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (next != 'x' || digits.size() != 2 || error != std::errc() || end != digits.data() + 2)
      return Error{
          fmt::format("in the separator \"{}\", \"\\{}\" means nothing: write \\t, \\n, \\r, \\0, \\\\ or \\xHH", word, next)};
    separator += static_cast<char>(byte);
    i += 2;
  }
  if (separator.empty()) return Error{"the separator of -K is empty"};
  if (separator.find('\n') != std::string::npos) return Error{"a newline ends a line, and cannot separate key and value in it"};
  return separator;
}

Result<bool> add_property(std::string_view word, std::map<std::string, std::string, std::less<>>& properties) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || trimmed(word.substr(0, equals)).empty())
    return Error{fmt::format("a property is NAME=VALUE, found \"{}\"", equals == std::string_view::npos ? word : "=…")};
  properties[std::string(trimmed(word.substr(0, equals)))] = std::string(trimmed(word.substr(equals + 1)));
  return true;
}

Result<bool> add_properties(std::string_view text, std::string_view file,
                            std::map<std::string, std::string, std::less<>>& properties) {
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    // The line may be a secret: it is not shown.
    if (!add_property(line, properties)) return Error{fmt::format("{}:{}: this line is not NAME=VALUE", file, number)};
  }
  return true;
}

Result<std::pair<std::string, std::string>> parse_header(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) return Error{fmt::format("-H is NAME=VALUE, found \"{}\"", word)};
  return std::pair(std::string(word.substr(0, equals)), std::string(word.substr(equals + 1)));
}

KeyedLine split_key(std::string_view line, std::string_view separator) {
  const std::size_t at = separator.empty() ? std::string_view::npos : line.find(separator);
  if (at == std::string_view::npos) return {.value = line};
  return {.key = line.substr(0, at), .value = line.substr(at + separator.size()), .has_key = true};
}

}  // namespace sparse::cli
