#include "sparse-cli/kafka/dead_letter.h"

#include <algorithm>
#include <charconv>

namespace sparse::cli {
namespace {

/// What the spout adds, behind the headers that the message had.
constexpr std::string_view kAdded[] = {"sparse-reason", "sparse-topic",    "sparse-partition",
                                       "sparse-offset", "sparse-topology", "sparse-component"};

}  // namespace

std::optional<Origin> origin_of(const std::vector<kafka::Header>& headers) {
  Origin origin;
  for (const kafka::Header& header : headers) {
    if (std::ranges::find(kAdded, header.name) == std::end(kAdded)) {
      origin.headers.push_back(header);
      continue;
    }
    const std::string_view value = header.value.value_or("");
    if (header.name == "sparse-topic") origin.topic = value;
    if (header.name == "sparse-reason") origin.reason = value;
    if (header.name != "sparse-partition") continue;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), origin.partition);
    if (error != std::errc() || end != value.data() + value.size()) origin.partition = -1;
  }
  if (origin.topic.empty()) return std::nullopt;
  return origin;
}

}  // namespace sparse::cli
