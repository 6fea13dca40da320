#include "core/topology/substitute.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/collect_names.h"
#include "core/config/suggest.h"

namespace sparse::topology {
namespace {

// A text may grow by substitution, but not past what a topology file may have: the limit is checked by the YAML reader.
constexpr std::size_t kLargest = 2u << 20;

bool is_key_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.' ||
         c == '/' || c == '[' || c == ']';
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<std::string> list_element(std::string_view list, std::size_t index) {
  list = trimmed(list);
  if (list.starts_with('[') && list.ends_with(']') && list.size() >= 2) list = list.substr(1, list.size() - 2);
  for (;; --index) {
    const std::size_t comma = list.find(',');
    if (index == 0) {
      std::string_view element = trimmed(list.substr(0, comma));
      const bool quoted =
          element.size() >= 2 && (element.front() == '"' || element.front() == '\'') && element.back() == element.front();
      if (quoted) element = element.substr(1, element.size() - 2);
      return std::string(element);
    }
    if (comma == list.npos) return std::nullopt;
    list.remove_prefix(comma + 1);
  }
}

/// The value of a variable, or what is wrong with it.
struct Answer {
  std::optional<std::string> value = {};
  std::string message = {};
  std::string unknown = {};  ///< the name, if a similar one may be meant
  std::string help = {};
};

Answer look_up_environment(const std::string& name, const Variables& variables) {
  if (!variables.env_filter)
    return {{},
            fmt::format("the environment variable {} is not substituted", name),
            {},
            "environment variables are substituted with --env-filter only"};
  if (auto value = variables.environment ? variables.environment(name) : std::nullopt) return {std::move(value)};
  return {{}, fmt::format("the environment variable {} is not set", name), {}, "set it, or write $${ if no variable is meant"};
}

Answer look_up(const std::string& key, const Variables& variables) {
  if (key.starts_with("ENV-")) return look_up_environment(key.substr(4), variables);
  if (const auto found = variables.values.find(key); found != variables.values.end()) return {found->second};
  const std::size_t bracket = key.find('[');
  if (bracket != std::string::npos && key.ends_with(']')) {
    std::size_t index = 0;
    const char* last = key.data() + key.size() - 1;
    const auto [end, error] = std::from_chars(key.data() + bracket + 1, last, index);
    const auto list = variables.values.find(key.substr(0, bracket));
    if (error == std::errc() && end == last && list != variables.values.end()) {
      if (auto element = list_element(list->second, index)) return {std::move(element)};
      return {{}, fmt::format("the list {} has no element {}", list->first, index), {}, "elements count from 0"};
    }
  }
  return {{},
          fmt::format("the variable \"{}\" has no value", key),
          key,
          fmt::format("give it one with --var {}=… or in a file for --filter; write $${{ if no variable is meant", key)};
}

class Substituter {
 public:
  Substituter(std::string_view text, const Variables& variables, const std::string& file, Findings& findings)
      : text_(text), index_(text), variables_(variables), file_(file), findings_(findings) {}

  Substituted run() {
    result_.add(0, 0, false);
    for (std::size_t at = 0; at < text_.size() && result_.text.size() < kLargest;) {
      const std::size_t dollar = std::min(text_.find('$', at), text_.size());
      result_.text += text_.substr(at, dollar - at);
      at = dollar;
      if (text_.substr(at).starts_with("$${")) {
        result_.text += "${";
        at += 3;
        result_.add(result_.text.size(), at, false);
      } else if (text_.substr(at).starts_with("${")) {
        at = replace(at);
      } else if (at < text_.size()) {
        result_.text += text_[at++];
      }
    }
    return std::move(result_);
  }

 private:
  /// Asked for places in ascending order: all of a line that is full of variables is looked at once.
  bool in_comment(std::size_t at) {
    for (; looked_at_ < at; ++looked_at_) {
      const char c = text_[looked_at_];
      if (c == '\n')
        first_of_line_ = ' ';
      else if (first_of_line_ == ' ' && c != '\t' && c != '\r')
        first_of_line_ = c;
    }
    return first_of_line_ == '#';
  }

  // Replaces the variable at `at`; returns where the text goes on.
  std::size_t replace(std::size_t at) {
    std::size_t end = at + 2;
    while (end < text_.size() && is_key_character(text_[end])) ++end;
    const bool closed = end < text_.size() && text_[end] == '}' && end > at + 2;
    const std::string key(text_.substr(at + 2, end - at - 2));
    Answer answer = closed
                        ? look_up(key, variables_)
                        : Answer{{}, "`${` begins no variable", {}, "variables are written ${name}; write $${ if none is meant"};
    if (!answer.value) {
      if (!in_comment(at)) report(at, closed ? end + 1 : at + 2, std::move(answer));
      result_.text += text_.substr(at, 2);
      return at + 2;
    }
    result_.add(result_.text.size(), at, true);
    result_.text += *answer.value;
    result_.add(result_.text.size(), end + 1, false);
    return end + 1;
  }

  std::vector<std::string> names() const {
    return collect_names(variables_.values, [](const auto& pair) { return pair.first; });
  }

  void report(std::size_t at, std::size_t end, Answer answer) {
    const yaml::Position from = index_.at(at);
    Diagnostic& diagnostic = findings_.error("SP1010", {file_, from.line, from.column, from.column + static_cast<int>(end - at)},
                                             std::move(answer.message));
    if (!answer.unknown.empty()) diagnostic.label = findings_.suggestion(answer.unknown, [&] { return names(); });
    diagnostic.help.push_back(std::move(answer.help));
  }

  std::string_view text_;
  yaml::LineIndex index_;
  const Variables& variables_;
  const std::string& file_;
  Findings& findings_;
  Substituted result_ = {};
  std::size_t looked_at_ = 0;
  char first_of_line_ = ' ';  ///< up to there, without blanks
};

}  // namespace

std::size_t Substituted::origin(std::size_t offset) const {
  const auto next = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                                     [](std::size_t at, const Piece& piece) { return at < piece.offset; });
  if (next == pieces_.begin()) return offset;
  const Piece& piece = *(next - 1);
  return piece.is_variable ? piece.origin : piece.origin + (offset - piece.offset);
}

Substituted substitute(std::string_view text, const Variables& variables, const std::string& file, Findings& findings) {
  return Substituter(text, variables, file, findings).run();
}

}  // namespace sparse::topology
