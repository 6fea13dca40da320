// Java's .properties files: comments, three separators, continued lines, escapes.
#include <fmt/format.h>

#include "core/topology/substitute.h"

namespace sparse::topology {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

/// Reads entries from a text with `\n` line ends.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Result<std::map<std::string, std::string>> read() {
    std::map<std::string, std::string> entries;
    while (!rest_.empty() && error_.empty()) {
      skip_blanks();
      if (rest_.empty()) break;
      if (rest_.front() == '#' || rest_.front() == '!') {
        skip_line();
      } else if (rest_.front() == '\n') {
        take();
      } else {
        std::string key = read_key();
        entries[std::move(key)] = read_value();
      }
    }
    if (!error_.empty()) return Error{error_};
    return entries;
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\n') ++line_;
    return c;
  }
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) take();
  }
  void skip_line() {
    while (!rest_.empty() && take() != '\n') {
    }
  }

  std::string read_key() {
    std::string key;
    while (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '=' && rest_.front() != ':' && !is_blank(rest_.front()))
      read_character(key);
    skip_blanks();
    if (!rest_.empty() && (rest_.front() == '=' || rest_.front() == ':')) take();
    skip_blanks();
    return key;
  }

  std::string read_value() {
    std::string value;
    while (!rest_.empty() && rest_.front() != '\n') read_character(value);
    if (!rest_.empty()) take();
    return value;
  }

  void read_character(std::string& out) {
    const char c = take();
    if (c != '\\' || rest_.empty()) {
      if (c != '\\') out += c;
      return;
    }
    switch (const char escaped = take()) {
      case '\n': skip_blanks(); break;
      case 't': out += '\t'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 'f': out += '\f'; break;
      case 'u': append_utf8(out, read_code()); break;
      default: out += escaped;
    }
  }

  unsigned read_hexadecimal() {
    unsigned code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = rest_.empty() ? ' ' : rest_.front();
      const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
      if (digit == std::string_view::npos) {
        error_ = fmt::format("line {}: \\u wants four hexadecimal digits", line_);
        return 0xFFFD;
      }
      code = code * 16 + static_cast<unsigned>(digit >= 16 ? digit - 6 : digit);
      take();
    }
    return code;
  }

  // Java writes characters past U+FFFF as two escapes.
  unsigned read_code() {
    const unsigned code = read_hexadecimal();
    if (code < 0xD800 || code > 0xDFFF) return code;
    if (code > 0xDBFF || !rest_.starts_with("\\u")) return 0xFFFD;
    rest_.remove_prefix(2);
    const unsigned low = read_hexadecimal();
    return low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
  }

  std::string_view rest_;
  int line_ = 1;
  std::string error_ = {};
};

}  // namespace

Result<std::map<std::string, std::string>> parse_properties(std::string_view text) { return Reader(text).read(); }

}  // namespace sparse::topology
