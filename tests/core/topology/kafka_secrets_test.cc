// Secrets that are not there, and paths among the properties of Kafka components.
#include "core/topology/kafka_secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/topology/load.h"

namespace sparse::topology {
namespace {

LoadResult load_with(const std::string& properties, std::optional<Severity> missing) {
  const std::string text =
      "name: n\n"
      "spouts:\n"
      "  - {id: a, stdin: {}}\n"
      "bolts:\n"
      "  - id: out\n"
      "    kafka: {brokers: x, topic: t, properties: {" +
      properties + "}}\n    inputs: {a: shuffle}\n";
  const LoadOptions options{.missing_secrets = missing};
  return load_from("/folder/t.yaml", options, {}, [&](const std::string&) -> Result<std::string> { return text; });
}

TEST(KafkaSecrets, that_are_not_there_are_told_with_their_place) {
  ::unsetenv("SPARSE_TEST_UNSET");
  ::setenv("SPARSE_TEST_SET", "hush", 1);
  const std::string properties = "sasl.username: {env: SPARSE_TEST_SET}, sasl.password: {env: SPARSE_TEST_UNSET}";
  for (const Severity severity : {Severity::error, Severity::warning}) {
    const LoadResult loaded = load_with(properties, severity);
    EXPECT_EQ(loaded.topology.has_value(), severity == Severity::warning);
    ASSERT_EQ(loaded.diagnostics.size(), 1u) << loaded.text();
    const Diagnostic& told = loaded.diagnostics.front();
    EXPECT_EQ(told.severity, severity);
    EXPECT_EQ(told.code, "SP1221");
    EXPECT_EQ(told.line, 6);
    EXPECT_EQ(told.column, 87);
    EXPECT_THAT(told.message, testing::HasSubstr("bolt \"out\": the secret {env: SPARSE_TEST_UNSET} cannot be resolved"));
    EXPECT_EQ(loaded.text().find("hush"), std::string::npos);
  }
  EXPECT_TRUE(load_with(properties, std::nullopt).diagnostics.empty());
  const LoadResult file = load_with("sasl.password: {file: not-there}", Severity::error);
  ASSERT_EQ(file.diagnostics.size(), 1u) << file.text();
  EXPECT_THAT(file.diagnostics.front().message, testing::HasSubstr("/folder/not-there"));
}

TEST(KafkaProperties, that_are_paths_are_relative_to_the_file) {
  const LoadResult loaded = load_with(
      "ssl.ca.location: ca.pem, ssl.key.location: /a/key.pem, ssl.crl.location: probe, ssl.certificate.location: ../c.pem",
      std::nullopt);
  ASSERT_TRUE(loaded.topology) << loaded.text();
  const Value& properties = *find_component(*loaded.topology, "out")->options.find("properties");
  const std::pair<const char*, const char*> expected[] = {{"ssl.ca.location", "/folder/ca.pem"},
                                                          {"ssl.key.location", "/a/key.pem"},
                                                          {"ssl.crl.location", "probe"},
                                                          {"ssl.certificate.location", "/c.pem"}};
  for (const auto& [name, path] : expected) EXPECT_EQ(*properties.find(name)->as<std::string>(), path);
}

}  // namespace
}  // namespace sparse::topology
