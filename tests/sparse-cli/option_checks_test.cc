// Tests of what options take, and of what is said of the rest.
#include "sparse-cli/option_checks.h"

#include <gtest/gtest.h>

namespace sparse::cli {
namespace {

struct Case {
  OptionCheck check;
  std::string word, wrong;
};

TEST(OptionChecks, SayWhatAnOptionTakes) {
  const OptionCheck count = whole_number(0, 5000), seconds = seconds_between(0.5, 86400), shell = one_of({"bash", "zsh"});
  const Case cases[] = {{count, "0", ""},
                        {count, "5000", ""},
                        {count, "5001", "\"5001\" is no whole number from 0 to 5,000"},
                        {count, "-3", "\"-3\" is no whole number from 0 to 5,000"},
                        {count, "", "\"\" is no whole number from 0 to 5,000"},
                        {count, "1.5", "\"1.5\" is no whole number from 0 to 5,000"},
                        {count, "99999999999999999999", "\"99999999999999999999\" is no whole number from 0 to 5,000"},
                        {seconds, "0.5", ""},
                        {seconds, "1e3", ""},
                        {seconds, "nan", "\"nan\" is no number of seconds from 0.5 to 86,400"},
                        {seconds, "inf", "\"inf\" is no number of seconds from 0.5 to 86,400"},
                        {seconds, "10s", "\"10s\" is no number of seconds from 0.5 to 86,400"},
                        {seconds, "0x10", "\"0x10\" is no number of seconds from 0.5 to 86,400"},
                        {shell, "zsh", ""},
                        {shell, "bsah", "\"bsah\" is none of bash, zsh (did you mean \"bash\"?)"},
                        {shell, "powershell", "\"powershell\" is none of bash, zsh"}};
  for (const Case& each : cases) EXPECT_EQ(each.check(each.word), each.wrong) << each.word;
}

TEST(OptionChecks, SayTheErrorsOfTheParserPlainly) {
  EXPECT_EQ(usage_error_text("ArgumentMismatch", "--brokers: 1 required HOST:PORT,... missing"),
            "--brokers wants a value: HOST:PORT,...");
  EXPECT_EQ(usage_error_text("ConversionError", "Could not convert: --watch = maybe"),
            "--watch is on or off, and takes no value");
  EXPECT_EQ(usage_error_text("RequiredError", "--topic is required"), "--topic is required");
}

}  // namespace
}  // namespace sparse::cli
