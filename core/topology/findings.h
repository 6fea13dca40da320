// What reading a topology file works with: the files, and the list of what is wrong in them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/diagnostic.h"
#include "core/config/suggest.h"
#include "core/config/yaml.h"
#include "core/topology/topology.h"

namespace sparse::topology {

/// One file that was read.
struct Document {
  std::string file;    ///< as the user named it, or as an include names it from there
  std::string folder;  ///< absolute; relative paths in the file start here
  yaml::Node root = {};
};

inline Where where(const Document& document, const yaml::Node& node) {
  return {document.file, node.begin.line, node.begin.column, node.end.line == node.begin.line ? node.end.column : 0};
}

/// Collects diagnostics; past a limit it only counts, so that no file can make the list long. Errors have a limit of their own:
/// however many warnings there are, a topology that is refused says why.
class Findings {
 public:
  static constexpr std::size_t kLimit = 200;  ///< errors, and as many others

  /// The reference is good until the next call.
  Diagnostic& add(Severity severity, std::string code, const Where& where, std::string message) {
    std::size_t& kept = severity == Severity::error ? kept_errors_ : kept_others_;
    if (severity == Severity::error) ++errors_;
    Diagnostic diagnostic{.severity = severity,
                          .code = std::move(code),
                          .file = where.file,
                          .line = where.line,
                          .column = where.column,
                          .end_column = where.end_column,
                          .message = std::move(message)};
    if (kept < kLimit) {
      ++kept;
      return list_.emplace_back(std::move(diagnostic));
    }
    ++left_out_;
    return spare_ = std::move(diagnostic);
  }
  Diagnostic& error(std::string code, const Where& where, std::string message) {
    return add(Severity::error, std::move(code), where, std::move(message));
  }
  Diagnostic& warning(std::string code, const Where& where, std::string message) {
    return add(Severity::warning, std::move(code), where, std::move(message));
  }
  void take(std::vector<Diagnostic> diagnostics) {
    for (Diagnostic& diagnostic : diagnostics) {
      Diagnostic& added = add(diagnostic.severity, diagnostic.code, {}, "");
      added = std::move(diagnostic);
    }
  }

  /// Did-you-mean for what was just added; costs nothing once the list is full.
  template <class MakeCandidates>
  std::string suggestion(std::string_view word, MakeCandidates candidates) const {
    return left_out_ > 0 ? std::string() : did_you_mean(word, candidates());
  }

  bool has_errors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  /// Sorted by place, with a last line about those left out.
  std::vector<Diagnostic> finish() {
    sort_by_place(list_);
    if (left_out_ > 0)
      list_.push_back(
          {.severity = Severity::note, .code = "SP1000", .message = std::to_string(left_out_) + " more findings are not shown"});
    return std::move(list_);
  }

 private:
  std::vector<Diagnostic> list_ = {};
  Diagnostic spare_ = {};
  std::size_t errors_ = 0;
  std::size_t kept_errors_ = 0;
  std::size_t kept_others_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace sparse::topology
