// Diagnostics: what is wrong in a user's file, where, and what to do; rendered as text with an excerpt, or as JSON.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sparse {

enum class Severity { error, warning, note };

/// Another place that has to do with a diagnostic.
struct Related {
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;  ///< reads on with "at FILE:LINE:COLUMN": `fields of split/default are declared`
};

/// Lines and columns count from 1, columns in characters; 0 means unknown.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;       ///< `SP1203`
  std::string file = {};  ///< as the user named it; empty: about no file
  int line = 0;
  int column = 0;
  int end_column = 0;  ///< one past the last character; 0: the word at `column`
  std::string message;
  std::string label = {};  ///< beside the carets: `did you mean "word"?`
  std::vector<std::string> notes = {};
  std::vector<std::string> help = {};
  std::vector<Related> related = {};
};

/// Texts of the files that diagnostics are about, by the name they are known under; excerpts come from here.
using Sources = std::map<std::string, std::string>;

/// The format of rustc: message, place, excerpt with carets, notes, help. Ends with a newline.
std::string render_text(const Diagnostic& diagnostic, const Sources& sources);
/// All of them, in order, with an empty line between two.
std::string render_text(const std::vector<Diagnostic>& diagnostics, const Sources& sources);

/// An array of objects: severity, code, file, line, column, endLine, endColumn, message, label, notes, help, related.
std::string render_json(const std::vector<Diagnostic>& diagnostics);

bool has_errors(const std::vector<Diagnostic>& diagnostics);

/// By file, line and column, in the order in which the files first occur; those without a place come last. Stable.
void sort_by_place(std::vector<Diagnostic>& diagnostics);

std::string_view severity_name(Severity severity);

}  // namespace sparse
