#include "sparse-cli/kafka/load_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "worker/kafka/embedded_broker.h"

namespace sparse::cli {
namespace {

constexpr std::size_t kPerMessage = 16;  // lengths, offset and time in a batch

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20)); }

}  // namespace

std::int32_t LoadPlan::add(std::size_t line) {
  const std::size_t partition = next_;
  bytes_[partition] += line + kPerMessage;
  next_ = (next_ + 1) % bytes_.size();
  return static_cast<std::int32_t>(partition);
}

std::uint64_t LoadPlan::fullest() const { return *std::ranges::max_element(bytes_); }
std::uint64_t LoadPlan::total() const { return std::accumulate(bytes_.begin(), bytes_.end(), std::uint64_t{0}); }

Result<bool> LoadPlan::check(const std::string& file, const std::string& topic) const {
  if (fullest() <= kafka::kEmbeddedPartitionBytes) return true;
  const std::uint64_t wanted = total() / (kafka::kEmbeddedPartitionBytes * 9 / 10) + 1;
  const std::string what = fmt::format(
      "{} does not fit into topic {}: a partition would get {}, and the embedded broker would drop "
      "what is over {}",
      file, topic, megabytes(fullest()), megabytes(kafka::kEmbeddedPartitionBytes));
  if (wanted <= bytes_.size() || wanted > 1000)
    return Error{what + "\n  Take a part of it, or a real broker: deploy/kafka start"};
  return Error{fmt::format("{}\n  Give it more partitions, as in --topic {}:{}; or take a real broker: deploy/kafka start", what,
                           topic, wanted)};
}

}  // namespace sparse::cli
