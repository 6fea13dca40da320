// YAML as our own tree, with the place of every node. The only seam to yaml-cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/diagnostic.h"

namespace sparse::yaml {

/// Counts from 1, columns in characters.
struct Position {
  int line = 0;
  int column = 0;
  bool operator==(const Position&) const = default;
};

enum class Kind { null, scalar, sequence, map };

/// One node. Aliases are expanded (every use is a copy with the place of its definition), merge keys are merged, and a map
/// has each key once.
struct Node {
  using Pair = std::pair<Node, Node>;

  Kind kind = Kind::null;
  std::string text = {};  ///< scalars: as written, without quotes and escapes
  std::string tag = {};   ///< explicit ones only: `!!str`, `!mine`
  bool quoted = false;    ///< quoted or a block scalar: text, whatever it looks like
  std::vector<Node> items = {};
  std::vector<Pair> pairs = {};  ///< in the order of the file; keys are scalars
  Position begin = {};
  Position end = {};  ///< one past the last character of a scalar on one line; else one past the first

  bool is_map() const { return kind == Kind::map; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_null() const { return kind == Kind::null; }
  /// The value under a key of a map, or null.
  const Node* find(std::string_view key) const;
};

struct Limits {
  std::size_t bytes = 1 << 20;             ///< of the text
  std::size_t nodes = 100'000;             ///< after aliases are expanded
  std::size_t expanded_bytes = 16u << 20;  ///< of all scalars together, after aliases are expanded
  std::size_t depth = 100;
};

struct ParseOptions {
  std::string file = {};  ///< the name in diagnostics
  Limits limits = {};
  /// Where the user wrote what is at this byte of the text; by default, simply there.
  std::function<Position(std::size_t offset)> locate = {};
};

struct Parsed {
  Node root = {};         ///< as far as it could be read
  bool complete = false;  ///< no errors
  std::size_t nodes = 0;
  std::vector<Diagnostic> diagnostics = {};
};

/// Reads one document. Never throws.
Parsed parse(std::string_view text, const ParseOptions& options);

/// The text without byte-order mark and with `\n` line ends; or what forbids reading it as text (bad UTF-8, NUL, control
/// characters, another encoding, too long).
struct Decoded {
  std::string text = {};
  std::vector<Diagnostic> diagnostics = {};
};
Decoded decode(std::string_view bytes, const ParseOptions& options);

/// Places of bytes in a text.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);
  Position at(std::size_t offset) const;

 private:
  std::size_t characters_before(std::size_t offset) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;      ///< of the lines
  std::vector<std::size_t> characters_;  ///< before every 64th byte, so that a long line costs no search
};

}  // namespace sparse::yaml
