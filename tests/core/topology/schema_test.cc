// The JSON Schema: complete, and without loose ends.
#include "core/topology/schema.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/topology/builtins.h"
#include "core/topology/keys.h"

namespace sparse::topology {
namespace {

void collect_references(const nlohmann::json& node, std::vector<std::string>& found) {
  for (const auto& [key, value] : node.items()) {
    if (key == "$ref") found.push_back(value.get<std::string>());
    if (value.is_structured()) collect_references(value, found);
  }
}

TEST(Schema, DefinesWhatItRefersTo) {
  const auto schema = nlohmann::json::parse(json_schema());
  std::vector<std::string> references;
  collect_references(schema, references);
  EXPECT_GT(references.size(), 10u);
  for (const std::string& reference : references)
    EXPECT_TRUE(schema.contains(nlohmann::json::json_pointer(reference.substr(1)))) << reference;
}

TEST(Schema, HasTheKeysOfTheTable) {
  const auto schema = nlohmann::json::parse(json_schema());
  for (const Key& key : keys_of(Form::topology)) EXPECT_TRUE(schema["properties"].contains(key.name)) << key.name;
  for (const Key& key : keys_of(Form::bolt))
    EXPECT_EQ(schema["$defs"]["bolt"]["properties"].contains(key.name), key.misplaced.empty()) << key.name;
  for (const Builtin& builtin : builtins()) {
    if (!builtin.own_key) continue;
    const std::string name = std::string(builtin.name) + (builtin.is_spout ? "-spout" : "-bolt");
    for (const Key& option : builtin.options) EXPECT_TRUE(schema["$defs"][name]["properties"].contains(option.name)) << name;
  }
  EXPECT_EQ(schema["$defs"]["spout"]["additionalProperties"], false);
  EXPECT_EQ(schema["$defs"]["spout"]["properties"]["parallelism"]["maximum"], 10'000);
}

}  // namespace
}  // namespace sparse::topology
