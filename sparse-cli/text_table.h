// Lays out a table of text in a given width.
#pragma once

#include <string>
#include <vector>

namespace sparse::cli {

struct Column {
  std::string title;
  bool right = true;  ///< figures to the right, words to the left
  int rank = 0;       ///< where the width is short, the column of the highest rank goes first; rank 0 stays
};

/// The heading, then one line a row. Width 0: as wide as it gets. If even the columns of rank 0 are too wide, the cells of the
/// first one are cut with `~`, then the whole line.
std::vector<std::string> layout(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows,
                                std::size_t width);

/// Cut to `width` bytes, the last of them `~`; for ASCII text.
std::string cut(std::string text, std::size_t width);

}  // namespace sparse::cli
