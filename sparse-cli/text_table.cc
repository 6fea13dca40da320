#include "sparse-cli/text_table.h"

#include <algorithm>
#include <numeric>

namespace sparse::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 6;  // of the first column

std::size_t total_width(const std::vector<std::size_t>& shown, const std::vector<std::size_t>& widths) {
  std::size_t total = 0;
  for (const std::size_t column : shown) total += widths[column] + kGap;
  return total == 0 ? 0 : total - kGap;
}

std::string line_of(const std::vector<Column>& columns, const std::vector<std::size_t>& shown,
                    const std::vector<std::size_t>& widths, const std::vector<std::string>& cells) {
  std::string line;
  for (const std::size_t column : shown) {
    if (!line.empty()) line.append(kGap, ' ');
    const std::string cell = cut(cells[column], widths[column]);
    const std::size_t padding = widths[column] - cell.size();
    if (columns[column].right) line.append(padding, ' ');
    line += cell;
    if (!columns[column].right) line.append(padding, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string cut(std::string text, std::size_t width) {
  if (text.size() <= width) return text;
  text.resize(width);
  if (width > 0) text.back() = '~';
  return text;
}

std::vector<std::string> layout(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows,
                                std::size_t width) {
  std::vector<std::size_t> widths(columns.size()), shown(columns.size());
  std::iota(shown.begin(), shown.end(), 0u);
  std::vector<std::string> titles;
  for (std::size_t column = 0; column < columns.size(); ++column) {
    titles.push_back(columns[column].title);
    widths[column] = columns[column].title.size();
    for (const auto& row : rows) widths[column] = std::max(widths[column], row[column].size());
  }
  while (width > 0 && total_width(shown, widths) > width) {
    const auto least = std::max_element(shown.begin(), shown.end(),
                                        [&](std::size_t a, std::size_t b) { return columns[a].rank < columns[b].rank; });
    if (least == shown.end() || columns[*least].rank == 0) break;
    shown.erase(least);
  }
  if (const std::size_t total = total_width(shown, widths); width > 0 && total > width && !shown.empty()) {
    std::size_t& first = widths[shown.front()];
    first -= std::min(total - width, first - std::min(first, kNarrowest));
  }
  std::vector<std::string> lines = {line_of(columns, shown, widths, titles)};
  for (const auto& row : rows) lines.push_back(line_of(columns, shown, widths, row));
  if (width > 0)
    for (std::string& line : lines) line = cut(std::move(line), width);
  return lines;
}

}  // namespace sparse::cli
