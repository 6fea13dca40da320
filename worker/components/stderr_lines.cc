// A child's stderr: cut into lines, the last ones kept for the message of its death.
#include "worker/components/stderr_lines.h"

#include <algorithm>

namespace sparse::worker {

void StderrLines::line(std::string_view text) {
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  if (text.empty()) return;
  last_.emplace_back(text.substr(0, kKeptLength));
  if (last_.size() > kKeptLines) last_.pop_front();
  on_line_(text);
}

void StderrLines::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t feed = bytes.find('\n');
    const std::size_t count = std::min({feed, bytes.size(), kLineLimit - partial_.size()});
    partial_.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    const bool ends = !bytes.empty() && bytes.front() == '\n';
    if (ends) bytes.remove_prefix(1);
    if (ends || partial_.size() >= kLineLimit) {
      line(partial_);
      partial_.clear();
    }
  }
}

void StderrLines::end() {
  line(partial_);
  partial_.clear();
}

std::string StderrLines::last() const {
  std::string joined;
  for (const std::string& text : last_) {
    if (!joined.empty()) joined += " | ";
    joined += text;
  }
  return joined;
}

}  // namespace sparse::worker
