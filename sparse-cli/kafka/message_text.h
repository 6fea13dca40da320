// Messages as lines for people and programs. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/kafka/consumer.h"

namespace sparse::cli {

struct ShownMessage {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::string_view> key = {}, value = {};
  std::int64_t timestamp = -1;
  std::vector<kafka::Header> headers = {};
};

/// The value and a newline; with `keys`, the key and a tab before it. Null is shown as nothing.
void append_plain(std::string& out, const ShownMessage& message, bool keys);

/// `{"topic":"lines","partition":0,"offset":7,"key":null,"value":"to be","timestamp":1700000000000,"headers":[{"name":"a",
/// "value":"b"}]}` and a newline; what is not UTF-8 is `{"base64":"…"}`.
void append_json_line(std::string& out, const ShownMessage& message);

}  // namespace sparse::cli
