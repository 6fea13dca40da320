#include "worker/kafka/embedded_losses.h"

#include <fmt/format.h>

#include "core/base/counted.h"

namespace sparse::kafka {
namespace {

constexpr Nanoseconds kAgainAfter = 10 * kSecond;

}  // namespace

std::string EmbeddedLosses::seen(const std::string& topic, std::int32_t partition, std::int64_t first, Nanoseconds now) {
  if (first <= 0) return {};
  Told& told = told_[{topic, partition}];
  if (first <= told.lost || (told.lost > 0 && now - told.at < kAgainAfter)) return {};
  told = {.lost = first, .at = now};
  return text(topic, partition, first);
}

std::string EmbeddedLosses::seen_last(const std::string& topic, std::int32_t partition, std::int64_t first) {
  Told& told = told_[{topic, partition}];
  if (first <= told.lost) return {};
  told.lost = first;
  return text(topic, partition, first);
}

std::string EmbeddedLosses::text(const std::string& topic, std::int32_t partition, std::int64_t lost) const {
  return fmt::format("topic {}, partition {}: more was written than the embedded broker keeps: its oldest {} {} lost. {}", topic,
                     partition, counted(static_cast<std::uint64_t>(lost), "message"), lost == 1 ? "is" : "are", remedy_);
}

}  // namespace sparse::kafka
