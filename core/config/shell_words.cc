#include "core/config/shell_words.h"

namespace sparse {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

Error needs_shell(char c) {
  return {std::string("`") + c + "` needs a shell: write [sh, -c, \"…\"], or put quotes around it if it is an argument"};
}

}  // namespace

Result<std::vector<std::string>> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == '\'') {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\\') {
      if (i + 1 == line.size()) return Error{"the command ends with a backslash"};
      const char next = line[++i];
      if (quote == '"' && next != '"' && next != '\\' && next != '$' && next != '`') word += c;
      word += next;
      in_word = true;
    } else if (c == '"' && quote == '"') {
      quote = 0;
    } else if (c == '$' || c == '`') {
      return needs_shell(c);
    } else if (quote == '"') {
      word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (is_blank(c)) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else if (std::string_view("|&;<>()*?").find(c) != std::string_view::npos) {
      return needs_shell(c);
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) return Error{std::string("the command has a ") + quote + " without its partner"};
  if (in_word) words.push_back(std::move(word));
  if (words.empty()) return Error{"the command is empty"};
  return words;
}

}  // namespace sparse
