// Where a dead letter came from, by the headers that a Kafka spout gives it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/kafka/consumer.h"

namespace sparse::cli {

struct Origin {
  std::string topic;
  std::int32_t partition = -1;  ///< -1: unknown
  std::string reason = {};
  std::vector<kafka::Header> headers = {};  ///< those that the message had before; views of what was given
};

/// Empty if the headers do not say: it is no dead letter. Of several lives as a dead letter the last one counts.
std::optional<Origin> origin_of(const std::vector<kafka::Header>& headers);

}  // namespace sparse::cli
