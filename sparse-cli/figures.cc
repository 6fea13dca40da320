#include "sparse-cli/figures.h"

#include <fmt/format.h>

namespace sparse::cli {
namespace {

/// Three significant digits.
std::string three_digits(double number) {
  if (number < 9.995) return fmt::format("{:.2f}", number);
  if (number < 99.95) return fmt::format("{:.1f}", number);
  return fmt::format("{:.0f}", number);
}

}  // namespace

std::string compact(double number) {
  if (!(number > 0)) return "0";
  if (number < 1) return fmt::format("{:.2f}", number);
  if (number < 999.5) return fmt::format("{:.0f}", number);
  for (const char* unit : {"k", "M", "G"}) {
    number /= 1000;
    if (number < 999.5) return three_digits(number) + unit;
  }
  return fmt::format("{:.1e}", number * 1e9);
}

std::string time_text(std::uint64_t nanoseconds) {
  if (nanoseconds == 0) return "0";
  if (nanoseconds < 1000) return fmt::format("{}ns", nanoseconds);
  double number = static_cast<double>(nanoseconds) / 1000;
  for (const char* unit : {"us", "ms"}) {
    if (number < 999.5) return three_digits(number) + unit;
    number /= 1000;
  }
  return three_digits(number) + "s";
}

std::string clock_text(Nanoseconds elapsed) {
  const Nanoseconds seconds = elapsed < 0 ? 0 : elapsed / kSecond;
  if (seconds < 3600) return fmt::format("{:02}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace sparse::cli
