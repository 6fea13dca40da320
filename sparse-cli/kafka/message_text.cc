#include "sparse-cli/kafka/message_text.h"

#include <nlohmann/json.hpp>

#include "multilang/cpp/utf8.h"

namespace sparse::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string base64(std::string_view bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += j <= count ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

Json json_of(const std::optional<std::string_view>& bytes) {
  if (!bytes) return nullptr;
  if (multilang::is_utf8(*bytes)) return std::string(*bytes);
  return Json{{"base64", base64(*bytes)}};
}

}  // namespace

void append_plain(std::string& out, const ShownMessage& message, bool keys) {
  if (keys) {
    out += message.key.value_or("");
    out += '\t';
  }
  out += message.value.value_or("");
  out += '\n';
}

void append_json_line(std::string& out, const ShownMessage& message) {
  Json headers = Json::array();
  for (const kafka::Header& header : message.headers)
    headers.push_back({{"name", json_of(header.name)}, {"value", json_of(header.value)}});
  const Json line = {
      {"topic", message.topic},          {"partition", message.partition},
      {"offset", message.offset},        {"key", json_of(message.key)},
      {"value", json_of(message.value)}, {"timestamp", message.timestamp < 0 ? Json(nullptr) : Json(message.timestamp)},
      {"headers", std::move(headers)}};
  out += line.dump();
  out += '\n';
}

}  // namespace sparse::cli
