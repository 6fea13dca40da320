// Tests of numbers and times as people read them.
#include "sparse-cli/figures.h"

#include <gtest/gtest.h>

namespace sparse::cli {
namespace {

TEST(Figures, ShortensRates) {
  const std::pair<double, const char*> cases[] = {{0, "0"},         {-1, "0"},         {0.5, "0.50"},    {12.4, "12"},
                                                  {999.4, "999"},   {999.6, "1.00k"},  {1234, "1.23k"},  {12345, "12.3k"},
                                                  {123456, "123k"}, {999600, "1.00M"}, {2.5e9, "2.50G"}, {1e15, "1.0e+15"}};
  for (const auto& [number, text] : cases) EXPECT_EQ(compact(number), text);
}

TEST(Figures, ChoosesTheUnitOfTime) {
  const std::pair<std::uint64_t, const char*> cases[] = {{0, "0"},
                                                         {850, "850ns"},
                                                         {12'340, "12.3us"},
                                                         {999'600, "1.00ms"},
                                                         {3'400'000, "3.40ms"},
                                                         {1'200'000'000, "1.20s"},
                                                         {75'000'000'000, "75.0s"}};
  for (const auto& [nanoseconds, text] : cases) EXPECT_EQ(time_text(nanoseconds), text);
}

TEST(Figures, ShowsElapsedTimeAsAClock) {
  const std::pair<Nanoseconds, const char*> cases[] = {
      {0, "00:00"}, {-kSecond, "00:00"}, {12 * kSecond, "00:12"}, {3599 * kSecond, "59:59"}, {3723 * kSecond, "1:02:03"}};
  for (const auto& [elapsed, text] : cases) EXPECT_EQ(clock_text(elapsed), text);
}

}  // namespace
}  // namespace sparse::cli
