// What the embedded broker has dropped, and when to say so. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "core/base/clock.h"

namespace sparse::kafka {

/// The mock drops the oldest records of a partition that grows past its bound, tells nobody, and takes records from everybody:
/// what it has dropped shows only in the first offset, which nothing else moves.
class EmbeddedLosses {
 public:
  /// `remedy`: what to do, a sentence.
  explicit EmbeddedLosses(std::string remedy) : remedy_(std::move(remedy)) {}

  /// What is to be said, if anything, when a partition begins at `first`: at once, then now and then while it goes on.
  std::string seen(const std::string& topic, std::int32_t partition, std::int64_t first, Nanoseconds now);
  /// The same when it is looked for the last time.
  std::string seen_last(const std::string& topic, std::int32_t partition, std::int64_t first);

 private:
  struct Told {
    std::int64_t lost = 0;
    Nanoseconds at = 0;
  };
  std::string text(const std::string& topic, std::int32_t partition, std::int64_t lost) const;

  std::string remedy_;
  std::map<std::pair<std::string, std::int32_t>, Told> told_;
};

}  // namespace sparse::kafka
