#include "core/topology/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/config/read_file.h"
#include "core/config/scalar.h"

namespace sparse::topology {
namespace {

constexpr std::size_t kLargestSecret = 64 * 1024;

Value scalar_value(const yaml::Node& node, const Document& document, Findings& findings) {
  const yaml::Scalar scalar = yaml::classify(node);
  switch (scalar.type) {
    case yaml::Scalar::Type::null: return {};
    case yaml::Scalar::Type::boolean: return scalar.boolean;
    case yaml::Scalar::Type::integer: return scalar.integer;
    case yaml::Scalar::Type::real: return scalar.real;
    case yaml::Scalar::Type::text: return node.text;
    case yaml::Scalar::Type::trap: findings.error("SP1006", where(document, node), scalar.trap).help.push_back(scalar.help);
  }
  return {};
}

const std::string* secret_text(const Value& value, std::string_view kind) {
  const auto* map = value.as<Value::Map>();
  return map && map->size() == 1 && map->front().first == kind ? map->front().second.as<std::string>() : nullptr;
}

}  // namespace

Value to_value(const yaml::Node& node, const Document& document, Findings& findings) {
  if (node.is_sequence()) {
    Value::List list;
    for (const yaml::Node& item : node.items) list.push_back(to_value(item, document, findings));
    return list;
  }
  if (!node.is_map()) return scalar_value(node, document, findings);
  Value value = to_map(node, document, findings);
  if (const std::string* path = secret_text(value, "file")) set_key(value, "file", absolute_path(document.folder, *path));
  return value;
}

Value to_map(const yaml::Node& node, const Document& document, Findings& findings) {
  Value::Map map;
  for (const auto& [key, value] : node.pairs) map.emplace_back(key.text, to_value(value, document, findings));
  return map;
}

void set_key(Value& map, std::string_view key, Value value) {
  auto& pairs = *map.as<Value::Map>();
  const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == key; });
  if (found == pairs.end())
    pairs.emplace_back(std::string(key), std::move(value));
  else
    found->second = std::move(value);
}

std::string absolute_path(std::string_view folder, std::string_view path) {
  return (std::filesystem::path(folder) / std::filesystem::path(path)).lexically_normal().string();
}

bool is_secret(const Value& value) { return secret_text(value, "env") || secret_text(value, "file"); }

std::optional<Error> resolve_secrets(Value& value) {
  if (const std::string* name = secret_text(value, "env")) {
    const char* text = std::getenv(name->c_str());
    if (!text)
      return Error{fmt::format("the secret {{env: {}}} cannot be resolved: there is no environment variable {}", *name, *name)};
    value = Value(std::string(text));
    return std::nullopt;
  }
  if (const std::string* path = secret_text(value, "file")) {
    Result<std::string> text = read_file(*path, kLargestSecret);
    if (!text) return Error{fmt::format("the secret {{file: {}}} cannot be resolved: {}", *path, text.error().message)};
    if (text->ends_with('\n')) text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
    value = Value(std::move(*text));
    return std::nullopt;
  }
  if (auto* list = value.as<Value::List>())
    for (Value& item : *list)
      if (auto error = resolve_secrets(item)) return error;
  if (auto* map = value.as<Value::Map>())
    for (auto& pair : *map)
      if (auto error = resolve_secrets(pair.second)) return error;
  return std::nullopt;
}

}  // namespace sparse::topology
