// Diagnostics: rendering as text and JSON.
#include "core/config/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/base/printable.h"
#include "core/config/secrets.h"

namespace sparse {
namespace {

// Longer lines are cut around the place, so that a file of one long line stays readable.
constexpr std::size_t kExcerptWidth = 160;

std::string_view line_of(const Sources& sources, const std::string& file, int line) {
  const auto found = sources.find(file);
  if (found == sources.end() || line < 1) return {};
  std::string_view text = found->second;
  for (int at = 1; at < line; ++at) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Up to `count` characters from number `first` on, one string each; what a terminal would act on becomes a blank or a
// question mark.
std::vector<std::string> characters(std::string_view line, std::size_t first, std::size_t count) {
  std::vector<std::string> result;
  std::size_t at = 0;
  for (std::size_t seen = 0; at < line.size(); ++at)
    if (starts_character(line[at]) && seen++ == first) break;
  for (; at < line.size(); ++at) {
    const auto byte = static_cast<unsigned char>(line[at]);
    if (!starts_character(line[at]) && !result.empty()) {
      result.back() += line[at];
      continue;
    }
    if (result.size() == count) break;
    result.push_back(byte == '\t' ? " " : byte < 0x20 || byte == 0x7F ? "?" : std::string(1, line[at]));
  }
  return result;
}

bool is_word(const std::string& character) {
  if (character.size() != 1) return true;
  const char c = character[0];
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.' ||
         c == '/' || c == '$';
}

// Carets from `begin`, an index into the shown characters.
std::size_t width_of_mark(const Diagnostic& diagnostic, const std::vector<std::string>& shown, std::size_t begin) {
  std::size_t end = begin;
  if (diagnostic.end_column > diagnostic.column)
    end += static_cast<std::size_t>(diagnostic.end_column - diagnostic.column);
  else
    while (end < shown.size() && is_word(shown[end])) ++end;
  return std::max(std::min(end, shown.size()), begin + 1) - begin;
}

/// A line without its secrets. Most of what is wrong in a long line comes one after the other.
struct ShownLine {
  std::string file = {};
  int number = 0;
  std::string text = {};
  void set(const Diagnostic& diagnostic, const Sources& sources) {
    if (number == diagnostic.line && file == diagnostic.file) return;
    text = hide_secrets(line_of(sources, diagnostic.file, diagnostic.line));
    file = diagnostic.file;
    number = diagnostic.line;
  }
};

void render_excerpt(std::string& out, const Diagnostic& diagnostic, const std::string& line, const std::string& gutter) {
  if (line.empty() || diagnostic.column < 1) return;
  const std::size_t column = static_cast<std::size_t>(diagnostic.column) - 1;
  const std::size_t first = line.size() > kExcerptWidth && column > kExcerptWidth / 2 ? column - kExcerptWidth / 2 : 0;
  std::vector<std::string> shown = characters(line, first, kExcerptWidth + 1);
  const bool more = shown.size() > kExcerptWidth;
  if (more) shown.pop_back();
  const std::size_t begin = column - first;
  if (begin > shown.size()) return;
  std::string excerpt = first > 0 ? "…" : "";
  for (const std::string& character : shown) excerpt += character;
  if (more) excerpt += "…";
  excerpt.erase(excerpt.find_last_not_of(' ') + 1);
  out += fmt::format("{} |\n{} | {}\n{} | {}{}", gutter, diagnostic.line, excerpt, gutter,
                     std::string(begin + (first > 0 ? 1 : 0), ' '), std::string(width_of_mark(diagnostic, shown, begin), '^'));
  if (!diagnostic.label.empty()) out += " " + diagnostic.label;
  out += "\n";
}

std::string place(const std::string& file, int line, int column) {
  if (line < 1) return file;
  return column < 1 ? fmt::format("{}:{}", file, line) : fmt::format("{}:{}:{}", file, line, column);
}

nlohmann::ordered_json to_json(const Diagnostic& diagnostic) {
  nlohmann::ordered_json related = nlohmann::ordered_json::array();
  for (const Related& item : diagnostic.related)
    related.push_back({{"file", item.file}, {"line", item.line}, {"column", item.column}, {"message", item.message}});
  return {{"severity", severity_name(diagnostic.severity)},
          {"code", diagnostic.code},
          {"file", diagnostic.file},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"endLine", diagnostic.line},
          {"endColumn", std::max(diagnostic.end_column, diagnostic.column)},
          {"message", diagnostic.message},
          {"label", diagnostic.label},
          {"notes", diagnostic.notes},
          {"help", diagnostic.help},
          {"related", related}};
}

}  // namespace

std::string_view severity_name(Severity severity) {
  constexpr std::string_view names[] = {"error", "warning", "note"};
  return names[static_cast<unsigned>(severity)];
}

namespace {

std::string render(const Diagnostic& diagnostic, const Sources& sources, ShownLine& line) {
  std::string out = fmt::format("{}[{}]: {}\n", severity_name(diagnostic.severity), diagnostic.code, diagnostic.message);
  const std::string gutter(diagnostic.line > 0 ? std::to_string(diagnostic.line).size() : 1, ' ');
  if (!diagnostic.file.empty())
    out += fmt::format("{}--> {}\n", gutter, place(diagnostic.file, diagnostic.line, diagnostic.column));
  const std::size_t before = out.size();
  line.set(diagnostic, sources);
  render_excerpt(out, diagnostic, line.text, gutter);
  if (out.size() == before && !diagnostic.label.empty()) out += fmt::format("{} = note: {}\n", gutter, diagnostic.label);
  for (const std::string& note : diagnostic.notes) out += fmt::format("{} = note: {}\n", gutter, note);
  for (const Related& item : diagnostic.related)
    out += fmt::format("{} = note: {} at {}\n", gutter, item.message, place(item.file, item.line, item.column));
  for (const std::string& help : diagnostic.help) out += fmt::format("{} = help: {}\n", gutter, help);
  return printable(out);
}

}  // namespace

std::string render_text(const Diagnostic& diagnostic, const Sources& sources) {
  ShownLine line;
  return render(diagnostic, sources, line);
}

std::string render_text(const std::vector<Diagnostic>& diagnostics, const Sources& sources) {
  std::string out;
  ShownLine line;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!out.empty()) out += "\n";
    out += render(diagnostic, sources, line);
  }
  return out;
}

std::string render_json(const std::vector<Diagnostic>& diagnostics) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Diagnostic& diagnostic : diagnostics) list.push_back(to_json(diagnostic));
  return list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) { return d.severity == Severity::error; });
}

void sort_by_place(std::vector<Diagnostic>& diagnostics) {
  std::map<std::string, std::size_t> order;
  for (const Diagnostic& diagnostic : diagnostics) order.emplace(diagnostic.file, order.size());
  const auto key = [&](const Diagnostic& d) { return std::tuple(d.file.empty(), order.at(d.file), d.line, d.column); };
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
}

}  // namespace sparse
