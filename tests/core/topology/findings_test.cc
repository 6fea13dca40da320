// How many findings are kept, of which kind.
#include "core/topology/findings.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sparse::topology {
namespace {

struct Case {
  const char* name;
  std::size_t warnings, errors;  // added in this order
  std::size_t shown_warnings, shown_errors;
  const char* last;  // message of the last line
};

class FindingsLimit : public testing::TestWithParam<Case> {};

TEST_P(FindingsLimit, KeepsErrorsWhateverElseThereIs) {
  const Case& want = GetParam();
  Findings findings;
  for (std::size_t i = 0; i < want.warnings; ++i) findings.warning("SP1302", {"a.yaml", 1, 1}, "odd");
  for (std::size_t i = 0; i < want.errors; ++i) findings.error("SP1301", {"a.yaml", 2, 1}, "wrong");
  EXPECT_EQ(findings.errors(), want.errors);
  const std::vector<Diagnostic> list = findings.finish();
  const auto count = [&](Severity severity) {
    return static_cast<std::size_t>(
        std::count_if(list.begin(), list.end(), [&](const Diagnostic& d) { return d.severity == severity; }));
  };
  EXPECT_EQ(count(Severity::warning), want.shown_warnings);
  EXPECT_EQ(count(Severity::error), want.shown_errors);
  EXPECT_EQ(list.empty() ? "" : list.back().message, want.last);
}

INSTANTIATE_TEST_SUITE_P(All, FindingsLimit,
                         testing::Values(Case{"none", 0, 0, 0, 0, ""}, Case{"few", 3, 2, 3, 2, "wrong"},
                                         Case{"warnings_to_the_limit", 200, 1, 200, 1, "wrong"},
                                         Case{"warnings_beyond", 250, 1, 200, 1, "50 more findings are not shown"},
                                         Case{"errors_beyond", 1, 203, 1, 200, "3 more findings are not shown"},
                                         Case{"both_beyond", 201, 201, 200, 200, "2 more findings are not shown"}),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace sparse::topology
