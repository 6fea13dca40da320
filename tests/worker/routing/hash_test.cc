// The hash of the fields grouping: the same for equal values in every process, language and release.
#include "worker/routing/hash.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace sparse::worker {
namespace {

using List = Value::List;
using Map = Value::Map;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string canonical(const Value& value) {
  CellArena arena;
  Cell cell;
  arena.set(cell, value);
  std::string bytes;
  append_canonical(bytes, ValueView(cell));
  return bytes;
}

std::string hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::uint64_t hash_of(const List& fields) {
  std::vector<Cell> cells(fields.size());
  CellArena arena;
  std::vector<std::uint16_t> positions(fields.size());
  std::iota(positions.begin(), positions.end(), std::uint16_t{0});
  for (std::size_t i = 0; i < fields.size(); ++i) arena.set(cells[i], fields[i]);
  return fields_hash(cells.data(), positions);
}

double nan_with_payload() {
  const std::uint64_t bits = 0xfff8000000001234;
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

TEST(FieldsHash, writes_canonical_bytes_as_documented) {
  const std::vector<std::pair<Value, std::string>> table{
      {nullptr, "00"},
      {false, "0100"},
      {true, "0101"},
      {0, "020000000000000000"},
      {1, "020100000000000000"},
      {-1, "02ffffffffffffffff"},
      {std::numeric_limits<std::int64_t>::min(), "020000000000000080"},
      {1.0, "020100000000000000"},
      {-0.0, "020000000000000000"},
      {-9223372036854775808.0, "020000000000000080"},
      {9223372036854775808.0, "03000000000000e043"},
      {1.5, "03000000000000f83f"},
      {kInfinity, "03000000000000f07f"},
      {-kInfinity, "03000000000000f0ff"},
      {kNan, "03000000000000f87f"},
      {nan_with_payload(), "03000000000000f87f"},
      {"", "0400000000"},
      {"the", "0403000000746865"},
      {"na\xc3\xafve", "04060000006e61c3af7665"},
      {Value::Binary{"a"}, "050100000061"},
      {List{}, "0600000000"},
      {List{1, "a"}, "0602000000020100000000000000040100000061"},
      {Map{}, "0700000000"},
      {Map{{"b", 1}, {"a", nullptr}}, "070200000004010000006100040100000062020100000000000000"},
      {Map{{"\xc3\xa9", 1}, {"z", 2}},
       "0702000000"
       "04010000007a"
       "020200000000000000"
       "0402000000c3a9"
       "020100000000000000"},
  };
  for (const auto& [value, bytes] : table) EXPECT_EQ(hex(canonical(value)), bytes);
}

TEST(FieldsHash, is_equal_for_equal_values) {
  const std::vector<std::pair<List, List>> table{
      {{1}, {1.0}},
      {{0}, {-0.0}},
      {{0.0}, {-0.0}},
      {{kNan}, {nan_with_payload()}},
      {{Value(List{1, 2.0})}, {Value(List{1.0, 2})}},
      {{Map{{"a", 1}, {"b", 2}}}, {Map{{"b", 2.0}, {"a", 1}}}},
      {{Value(List{Map{{"x", 0}, {"y", List{}}}})}, {Value(List{Map{{"y", List{}}, {"x", -0.0}}})}},
  };
  for (const auto& [a, b] : table) EXPECT_EQ(hash_of(a), hash_of(b));
}

TEST(FieldsHash, differs_for_values_that_look_alike) {
  const std::vector<std::pair<List, List>> table{
      {{"a", "bc"}, {"ab", "c"}},
      {{"1"}, {1}},
      {{"a"}, {Value::Binary{"a"}}},
      {{nullptr}, {""}},
      {{nullptr}, {false}},
      {{0}, {false}},
      {{"a", nullptr}, {"a"}},
      {{Value(List{"a"})}, {"a"}},
      {{Value(List{})}, {Map{}}},
      {{Value(List{"a", "b"})}, {List{"a"}, "b"}},
      {{1.5}, {1}},
      {{9223372036854775807}, {9223372036854775808.0}},
      {{Map{{"a", 1}}}, {Map{{"a", 2}}}},
  };
  for (const auto& [a, b] : table) EXPECT_NE(hash_of(a), hash_of(b));
}

struct Golden {
  List fields;
  std::uint64_t hash;
  std::uint32_t group;
  std::uint32_t of_2, of_3, of_7, of_100;
};

// Made once by another implementation (Python, xxhash 3). They are in docs/fields-grouping.md, too, and must never change:
// keyed state would be looked for at another task than the one that has it.
TEST(FieldsHash, gives_the_golden_numbers) {
  const std::vector<Golden> table{
      {{nullptr}, 0xc44bdff4074eecdb, 25125, 1, 2, 5, 76},
      {{true}, 0x070d80d6a76865f3, 902, 0, 0, 0, 2},
      {{1}, 0x77b9ee4e4f0d5d17, 15324, 0, 1, 3, 46},
      {{-1}, 0x51957c455b8e6c65, 10442, 0, 0, 2, 31},
      {{1.0}, 0x77b9ee4e4f0d5d17, 15324, 0, 1, 3, 46},
      {{1.5}, 0x58bdc64af8b48dc4, 11358, 0, 1, 2, 34},
      {{-0.0}, 0x8da2b7ab8b1ee0e7, 18129, 1, 1, 3, 55},
      {{kNan}, 0xa849877be0234960, 21540, 1, 1, 4, 65},
      {{9223372036854775808.0}, 0x99c8ea946f485f02, 19684, 1, 1, 4, 60},
      {{""}, 0x8978bc5fbc70dc4e, 17596, 1, 1, 3, 53},
      {{"a"}, 0xb94d94c274946938, 23718, 1, 2, 5, 72},
      {{"the"}, 0x20bb379bf988a183, 4189, 0, 0, 0, 12},
      {{"na\xc3\xafve"}, 0x1964cbdaf789f9f7, 3250, 0, 0, 0, 9},
      {{std::string(200, 'x')}, 0xcb2bbc44de8b9d6b, 26005, 1, 2, 5, 79},
      {{"1"}, 0x3e3d097e411e5ee6, 7966, 0, 0, 1, 24},
      {{Value::Binary{"a"}}, 0x417a7d88639b3c4c, 8381, 0, 0, 1, 25},
      {{"a", "bc"}, 0xa8de075807648e22, 21615, 1, 1, 4, 65},
      {{"ab", "c"}, 0x9043c792055fe8ea, 18465, 1, 1, 3, 56},
      {{Value(List{1, "a"})}, 0x5abb92030c5914e4, 11613, 0, 1, 2, 35},
      {{Map{{"b", 1}, {"a", nullptr}}}, 0x77c44f9cb87b7200, 15330, 0, 1, 3, 46},
  };
  for (std::size_t row = 0; row < table.size(); ++row) {
    const Golden& golden = table[row];
    const std::uint64_t hash = hash_of(golden.fields);
    EXPECT_EQ(hash, golden.hash) << "row " << row;
    EXPECT_EQ(key_group(hash), golden.group) << "row " << row;
    EXPECT_EQ(task_of_group(golden.group, 2), golden.of_2) << "row " << row;
    EXPECT_EQ(task_of_group(golden.group, 3), golden.of_3) << "row " << row;
    EXPECT_EQ(task_of_group(golden.group, 7), golden.of_7) << "row " << row;
    EXPECT_EQ(task_of_group(golden.group, 100), golden.of_100) << "row " << row;
  }
}

TEST(FieldsHash, is_xxh3_64_of_bytes_written_by_hand) {
  const char the[] = {4, 3, 0, 0, 0, 't', 'h', 'e'};
  EXPECT_EQ(hash_of({"the"}), XXH3_64bits(the, sizeof the));
}

TEST(FieldsHash, is_the_same_on_the_short_way_for_one_text_and_on_the_long_one) {
  for (const std::size_t size : {0u, 1u, 119u, 120u, 121u, 240u, 5000u}) {
    const std::string text(size, 'k');
    const std::string bytes = canonical(text);
    EXPECT_EQ(hash_of({text}), XXH3_64bits(bytes.data(), bytes.size())) << size;
  }
}

TEST(FieldsHash, reads_the_fields_in_the_order_of_the_grouping) {
  std::vector<Cell> cells(3);
  cells[0].set(std::string_view("x"));
  cells[1].set(std::string_view("bc"));
  cells[2].set(std::string_view("a"));
  const std::uint16_t positions[] = {2, 1};
  EXPECT_EQ(fields_hash(cells.data(), positions), hash_of({"a", "bc"}));
}

TEST(KeyGroups, belong_to_tasks_in_ascending_runs_that_differ_by_one_at_most) {
  for (const std::uint32_t tasks : {1u, 2u, 3u, 7u, 100u}) {
    std::vector<std::uint32_t> groups(tasks);
    std::uint32_t last = 0;
    for (std::uint32_t group = 0; group < (1u << kKeyGroupBits); ++group) {
      const std::uint32_t task = task_of_group(group, tasks);
      ASSERT_LT(task, tasks);
      ASSERT_GE(task, last);
      last = task;
      ++groups[task];
    }
    const auto [least, most] = std::minmax_element(groups.begin(), groups.end());
    EXPECT_LE(*most - *least, 1u) << tasks << " tasks";
  }
}

TEST(KeyGroups, spread_keys_evenly) {
  for (const std::uint32_t tasks : {2u, 3u, 7u, 100u}) {
    constexpr std::uint32_t kEach = 2000;
    std::vector<std::uint32_t> keys(tasks);
    for (std::uint32_t i = 0; i < tasks * kEach; ++i)
      ++keys[task_of_group(key_group(hash_of({"key-" + std::to_string(i)})), tasks)];
    for (const std::uint32_t count : keys) EXPECT_NEAR(count, kEach, kEach * 0.12) << tasks << " tasks";
  }
}

}  // namespace
}  // namespace sparse::worker
