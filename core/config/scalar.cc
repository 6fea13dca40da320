// Scalars: YAML 1.2's core types and the traps beside them.
#include "core/config/scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>

namespace sparse::yaml {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes characters off the front of a text, to check its form.
struct Scanner {
  std::string_view rest;
  bool take(char c) { return !rest.empty() && rest.front() == c ? (rest.remove_prefix(1), true) : false; }
  bool take_sign() { return take('-') || take('+'); }
  std::string_view digits(std::string_view allowed = "0123456789") {
    const std::string_view found = rest.substr(0, rest.find_first_not_of(allowed));
    rest.remove_prefix(found.size());
    return found;
  }
  bool done() const { return rest.empty(); }
};

std::string_view without_sign(std::string_view text) {
  Scanner scanner{text};
  scanner.take_sign();
  return scanner.rest;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

bool is_decimal(std::string_view text) {
  const std::string_view digits = without_sign(text);
  return !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
}

bool is_real(std::string_view text) {
  Scanner scanner{without_sign(text)};
  const bool whole = !scanner.digits().empty();
  const bool point = scanner.take('.');
  if (!whole && !point) return false;
  const bool fraction = point && !scanner.digits().empty();
  if (!whole && !fraction) return false;
  if (scanner.take('e') || scanner.take('E')) {
    scanner.take_sign();
    if (scanner.digits().empty()) return false;
  }
  return scanner.done();
}

bool is_sexagesimal(std::string_view text) {
  Scanner scanner{without_sign(text)};
  if (scanner.digits().empty() || !scanner.rest.starts_with(':')) return false;
  while (scanner.take(':')) {
    const std::string_view part = scanner.digits();
    if (part.empty() || part.size() > 2 || (part.size() == 2 && part[0] > '5')) return false;
  }
  if (scanner.take('.')) scanner.digits();
  return scanner.done();
}

bool is_with_underscores(std::string_view text) {
  const std::string_view digits = without_sign(text);
  return !digits.empty() && is_digit(digits[0]) && digits.find('_') != digits.npos &&
         digits.find_first_not_of("0123456789_.") == digits.npos;
}

bool is_prefixed(std::string_view text, char letter, std::string_view digits) {
  const std::string_view body = without_sign(text);
  return body.size() > 2 && body[0] == '0' && body[1] == letter && body.substr(2).find_first_not_of(digits) == body.npos;
}

template <class T>
bool convert(std::string_view text, T& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

Scalar trap(std::string_view text, std::string why, std::string_view alternative) {
  Scalar scalar;
  scalar.type = Scalar::Type::trap;
  scalar.trap = std::move(why);
  scalar.help = alternative.empty() ? fmt::format("write \"{}\" in quotes if text is meant", text)
                                    : fmt::format("write {}, or \"{}\" in quotes if text is meant", alternative, text);
  return scalar;
}

Scalar from_integer(std::string_view text) {
  Scalar scalar;
  scalar.type = Scalar::Type::integer;
  if (convert(text, scalar.integer)) return scalar;
  return trap(text, fmt::format("{} does not fit into 64 bits", text), "");
}

Scalar from_real(std::string_view text) {
  Scalar scalar;
  scalar.type = Scalar::Type::real;
  std::string_view digits = text;
  if (convert(digits, scalar.real)) return scalar;
  return trap(text, fmt::format("{} is outside the range of a number", text), "");
}

Scalar from_hexadecimal(std::string_view text) {
  Scalar scalar;
  scalar.type = Scalar::Type::integer;
  std::uint64_t magnitude = 0;
  const std::string_view digits = without_sign(text).substr(2);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, 16);
  if (error != std::errc() || magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return trap(text, fmt::format("{} does not fit into 64 bits", text), "");
  scalar.integer = static_cast<std::int64_t>(magnitude) * (text.starts_with('-') ? -1 : 1);
  return scalar;
}

bool find_trap(std::string_view text, Scalar& found) {
  constexpr std::array<std::string_view, 2> yes = {"yes", "on"};
  constexpr std::array<std::string_view, 2> no = {"no", "off"};
  const std::string folded = lower(text);
  const bool is_yes = std::find(yes.begin(), yes.end(), folded) != yes.end();
  if (is_yes || std::find(no.begin(), no.end(), folded) != no.end()) {
    found =
        trap(text, fmt::format("some YAML readers take `{}` for a boolean and others for text", text), is_yes ? "true" : "false");
  } else if (is_decimal(text) && without_sign(text).size() > 1 && without_sign(text)[0] == '0') {
    const std::string_view digits = without_sign(text);
    const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
    found = trap(text, fmt::format("`{}` looks octal: YAML readers disagree on its value", text), digits.substr(first));
  } else if (is_prefixed(text, 'o', "01234567") || is_prefixed(text, 'b', "01")) {
    found =
        trap(text, fmt::format("some YAML readers take `{}` for a number and others for text", text), "it as a decimal number");
  } else if (is_real(text) && text.find('.') == text.npos && !is_decimal(text)) {
    found = trap(text, fmt::format("some YAML readers take `{}` for a number and others for text", text),
                 "the number in full, as in 1000");
  } else if (is_sexagesimal(text)) {
    found = trap(text, fmt::format("some YAML readers take `{}` for a number to the base 60", text), "");
  } else if (is_with_underscores(text)) {
    found =
        trap(text, fmt::format("some YAML readers take `{}` for a number and others for text", text), "the number without `_`");
  } else {
    return false;
  }
  return true;
}

Scalar from_tag(const Node& node) {
  Scalar scalar;
  const std::string folded = lower(node.text);
  if (node.tag == "!!int" && is_decimal(node.text)) return from_integer(node.text);
  if (node.tag == "!!float" && is_real(node.text)) return from_real(node.text);
  if (node.tag == "!!bool" && (folded == "true" || folded == "false")) {
    scalar.type = Scalar::Type::boolean;
    scalar.boolean = folded == "true";
  } else if (node.tag == "!!null") {
    scalar.type = Scalar::Type::null;
  } else if (node.tag == "!!int" || node.tag == "!!float" || node.tag == "!!bool") {
    scalar = trap(node.text, fmt::format("\"{}\" does not have the type that its tag {} says", node.text, node.tag), "");
  }
  return scalar;
}

}  // namespace

Scalar classify(const Node& node) {
  Scalar scalar;
  const std::string_view text = node.text;
  if (node.is_null()) scalar.type = Scalar::Type::null;
  if (node.is_null() || (!node.tag.empty() && node.tag != "!")) return node.is_null() ? scalar : from_tag(node);
  if (node.quoted || node.tag == "!" || text.empty()) return scalar;
  if (find_trap(text, scalar)) return scalar;
  const std::string folded = lower(text);
  if (text == folded || text == "True" || text == "TRUE" || text == "False" || text == "FALSE")
    if (folded == "true" || folded == "false") {
      scalar.type = Scalar::Type::boolean;
      scalar.boolean = folded == "true";
      return scalar;
    }
  if (is_decimal(text)) return from_integer(text);
  if (is_prefixed(text, 'x', "0123456789abcdefABCDEF")) return from_hexadecimal(text);
  if (is_real(text)) return from_real(text);
  const std::string unsigned_folded = lower(without_sign(text));
  if (unsigned_folded == ".inf" || folded == ".nan") {
    scalar.type = Scalar::Type::real;
    scalar.real = folded == ".nan" ? std::numeric_limits<double>::quiet_NaN()
                                   : std::numeric_limits<double>::infinity() * (text[0] == '-' ? -1 : 1);
  }
  return scalar;
}

std::string describe(const Node& node) {
  if (node.is_sequence()) return node.items.empty() ? "an empty list" : "a list";
  if (node.is_map()) return node.pairs.empty() ? "an empty map" : "a map";
  std::string shown = node.text.substr(0, node.text.find('\n'));
  std::size_t length = std::min<std::size_t>(shown.size(), 40);
  while (length < shown.size() && (static_cast<unsigned char>(shown[length]) & 0xC0) == 0x80) --length;
  if (length < node.text.size()) shown = shown.substr(0, length) + "...";
  switch (classify(node).type) {
    case Scalar::Type::null: return "nothing";
    case Scalar::Type::boolean: return "the boolean " + shown;
    case Scalar::Type::integer:
    case Scalar::Type::real: return "the number " + shown;
    case Scalar::Type::text: return "the text \"" + shown + "\"";
    case Scalar::Type::trap: break;
  }
  return "`" + shown + "`";
}

}  // namespace sparse::yaml
