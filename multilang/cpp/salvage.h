// Tells messages from what a child wrote between them: text that some library printed on stdout.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

namespace sparse::multilang {

struct Piece {
  std::string_view text;
  bool message = false;
};

/// For a text that is not one message: its lines that are messages, alone or behind other text, and what is between them, in
/// order; else a message over several lines at the end, behind other text. Without any message: empty, the framing is lost.
std::vector<Piece> salvage(std::string_view text, const std::function<bool(std::string_view)>& is_message);

}  // namespace sparse::multilang
