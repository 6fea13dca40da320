// How far long work has come: a line that changes on a terminal, a plain line now and then elsewhere.
#pragma once

#include <functional>
#include <string>

#include "core/base/clock.h"
#include "sparse-cli/terminal.h"

namespace sparse::cli {

class Progress {
 public:
  Progress() : terminal_(2) {}
  ~Progress() { terminal_.erase(); }

  /// Asks for the text only when it is time to show it.
  void show(const std::function<std::string()>& text) {
    const Nanoseconds now = SystemClock().now();
    if (now < next_) return;
    const bool first = next_ == 0;
    next_ = now + (terminal_.interactive() ? kSecond : 10 * kSecond);
    if (first) return;
    if (terminal_.interactive())
      terminal_.draw({{.text = text()}});
    else
      terminal_.write_line(text());
  }
  void erase() { terminal_.erase(); }

 private:
  Terminal terminal_;
  Nanoseconds next_ = 0;
};

}  // namespace sparse::cli
