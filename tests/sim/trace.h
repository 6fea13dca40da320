// What happened in a run, as one number: two runs of a seed have the same, or something else than the seed decides.
#pragma once

#include <cstdint>
#include <string_view>

namespace sparse::sim {

class Trace {
 public:
  enum class Kind : std::uint64_t { emit, execute, ack, fail, finish, tick, start, kill, step, move };

  void add(Kind kind, std::uint64_t a = 0, std::uint64_t b = 0) {
    for (const std::uint64_t word : {static_cast<std::uint64_t>(kind), a, b}) mix(word);
    ++events_;
  }
  void add(Kind kind, std::uint64_t a, std::string_view text) {
    add(kind, a, text.size());
    for (const char c : text) mix(static_cast<unsigned char>(c));
  }
  std::uint64_t hash() const { return hash_; }
  std::uint64_t events() const { return events_; }

 private:
  void mix(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9fb21c651e98df25ull;
    hash_ ^= hash_ >> 32;
  }
  std::uint64_t hash_ = 0x9e3779b97f4a7c15ull;
  std::uint64_t events_ = 0;
};

}  // namespace sparse::sim
