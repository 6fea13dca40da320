// Tells messages from what a child wrote between them: text that some library printed on stdout.
#include "multilang/cpp/salvage.h"

#include <algorithm>
#include <optional>

namespace sparse::multilang {
namespace {

// A text of nothing but `{` lines must not cost the square of its size.
constexpr int kTries = 16;

bool blank(char c) { return c == ' ' || c == '\r' || c == '\t' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool names_message(std::string_view text) {
  return text.find("\"command\"") != std::string_view::npos || text.find("\"pid\"") != std::string_view::npos;
}

// Where the last object starts whose first key is `command` or `pid`. Such a start cannot be inside a JSON string.
std::size_t last_start(std::string_view line) {
  const std::size_t command = line.rfind("\"command\"");
  const std::size_t pid = line.rfind("\"pid\"");
  std::size_t at = command == std::string_view::npos ? pid : pid == std::string_view::npos ? command : std::max(command, pid);
  if (at == std::string_view::npos) return at;
  while (at > 0 && blank(line[at - 1])) --at;
  return at > 0 && line[at - 1] == '{' ? at - 1 : std::string_view::npos;
}

class Pieces {
 public:
  explicit Pieces(std::string_view text) : text_(text), rest_(text.data()) {}
  void message(std::string_view found) {
    add_text(found.data());
    pieces_.push_back({found, true});
    rest_ = found.data() + found.size();
  }
  bool none() const { return pieces_.empty(); }
  std::vector<Piece> done() {
    if (!none()) add_text(text_.data() + text_.size());
    return std::move(pieces_);
  }

 private:
  void add_text(const char* until) {
    const std::string_view between = trimmed({rest_, static_cast<std::size_t>(until - rest_)});
    if (!between.empty()) pieces_.push_back({between, false});
  }
  std::string_view text_;
  const char* rest_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::vector<Piece> salvage(std::string_view text, const std::function<bool(std::string_view)>& is_message) {
  Pieces pieces(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t feed = std::min(text.find('\n', at), text.size());
    const std::string_view line = trimmed(text.substr(at, feed - at));
    at = feed + 1;
    if (!names_message(line)) continue;
    if (line.front() == '{' && is_message(line)) {
      pieces.message(line);
    } else if (const std::size_t start = last_start(line); start != std::string_view::npos && is_message(line.substr(start))) {
      pieces.message(line.substr(start));
    }
  }
  if (pieces.none() && names_message(text)) {
    std::size_t until = text.size();
    for (int tries = 0; tries < kTries && until > 0; ++tries) {
      const std::size_t start = text.rfind("\n{", until - 1);
      if (start == std::string_view::npos) break;
      if (is_message(text.substr(start + 1))) {
        pieces.message(text.substr(start + 1));
        break;
      }
      until = start;
    }
  }
  return pieces.done();
}

}  // namespace sparse::multilang
