// Warnings that may come a million times: each kind is counted, and logged at most once in ten seconds.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <sparse/sdk.h>

#include "core/base/clock.h"

namespace sparse::worker {

enum class Complaint : std::uint8_t {
  unknown_id,
  unknown_anchor,
  odd_message,
  refused_emit,
  uncarried_tuple,
  output_text,
  late_emit
};
inline constexpr std::size_t kComplaints = 7;

class Complaints {
 public:
  void make(Complaint kind, Level level, const Context& context, const std::string& text) {
    State& state = states_[static_cast<std::size_t>(kind)];
    ++state.total;
    const Nanoseconds now = context.now();
    if (state.total > 1 && now - state.logged_at < 10 * kSecond) {
      ++state.held_back;
      return;
    }
    state.logged_at = now;
    context.log(level,
                state.held_back == 0 ? text : text + " (and " + std::to_string(state.held_back) + " more like this before)");
    state.held_back = 0;
  }
  std::uint64_t total(Complaint kind) const { return states_[static_cast<std::size_t>(kind)].total; }
  /// What was not said yet, at the end.
  std::uint64_t held_back() const {
    std::uint64_t sum = 0;
    for (const State& state : states_) sum += state.held_back;
    return sum;
  }

 private:
  struct State {
    std::uint64_t total = 0;
    std::uint64_t held_back = 0;
    Nanoseconds logged_at = 0;
  };
  std::array<State, kComplaints> states_{};
};

}  // namespace sparse::worker
