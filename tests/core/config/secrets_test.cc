// What is never shown.
#include "core/config/secrets.h"

#include <gtest/gtest.h>

namespace sparse {
namespace {

TEST(Secrets, AreKnownByTheirNames) {
  for (const char* name : {"sasl.password", "ssl.key.pem", "sasl.oauthbearer.client.secret", "DB_PASSWORD"})
    EXPECT_TRUE(is_secret_name(name)) << name;
  for (const char* name : {"sasl.username", "ssl.ca.location", "password-file", ""}) EXPECT_FALSE(is_secret_name(name)) << name;
}

TEST(Secrets, AreStarsInALineThatIsShown) {
  const std::pair<const char*, const char*> lines[] = {
      {"sasl.password: abc", "sasl.password: ***"},
      {"  {sasl.password: abc, x: y}", "  {sasl.password: ***, x: y}"},
      {"{\"sasl.password\": \"a, b\", x: y}", "{\"sasl.password\": \"****\", x: y}"},
      {"a.secret: 'é', b.password: c", "a.secret: '*', b.password: *"},
      {"sasl.password: a, b}", "sasl.password: *****"},
      {"{a.password: \"x\\\"y\", b: c}", "{a.password: \"****\", b: c}"},
      {"{a.password: 'x''y', b: c}", "{a.password: '****', b: c}"},
      {"sasl.password=abc", "sasl.password=***"},
      {"sasl.password: {env: NAME}", "sasl.password: {env: NAME}"},
      {"sasl.password:", "sasl.password:"},
      {"sasl.password", "sasl.password"},
      {"sasl.password: \"never closed", "sasl.password: \"************"},
      {"the password is wrong: x", "the password is wrong: x"},
      {"", ""},
  };
  for (const auto& [line, shown] : lines) EXPECT_EQ(hide_secrets(line), shown);
}

TEST(Secrets, AreHiddenInTimeThatGrowsWithTheLine) {
  std::string line = "{", shown = "{";
  for (int i = 0; i < 200'000; ++i) line += "password: x, ", shown += "password: *, ";
  EXPECT_EQ(hide_secrets(line), shown);
}

}  // namespace
}  // namespace sparse
