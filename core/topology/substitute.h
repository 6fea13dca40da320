// Substitution of variables in the text of a topology file, before YAML is parsed; and Java's .properties files.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/topology/findings.h"

namespace sparse::topology {

struct Variables {
  std::map<std::string, std::string> values = {};  ///< of --var and --filter
  bool env_filter = false;                         ///< `${ENV-NAME}` means the environment variable NAME
  std::function<std::optional<std::string>(const std::string& name)> environment = {};
};

/// A text whose variables were replaced, and the way back to the user's text.
class Substituted {
 public:
  std::string text = {};

  /// Where in the user's text the byte at `offset` of the new one comes from: what was put in for a variable comes from the
  /// place of the variable.
  std::size_t origin(std::size_t offset) const;
  void add(std::size_t offset, std::size_t origin, bool is_variable) { pieces_.push_back({offset, origin, is_variable}); }

 private:
  struct Piece {
    std::size_t offset;
    std::size_t origin;
    bool is_variable;
  };
  std::vector<Piece> pieces_ = {};
};

/// Replaces `${key}`, `${key[0]}` (an element of a list, as in `key=["a", "b"]`) and `${ENV-NAME}`; `$${` becomes `${`. Every
/// variable without a value is an error, except on lines that are comments.
Substituted substitute(std::string_view text, const Variables& variables, const std::string& file, Findings& findings);

/// The entries of a .properties file; of a key given twice, the last.
Result<std::map<std::string, std::string>> parse_properties(std::string_view text);

}  // namespace sparse::topology
