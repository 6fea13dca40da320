// Records: what was written can be read wherever the bytes lie, and bytes from outside never lead out of them.
#include "worker/batch/record.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/random.h"

namespace sparse::worker {
namespace {

using List = Value::List;
using Map = Value::Map;

/// Cells for values, as an emit has them.
struct Fields {
  explicit Fields(List list) : values(std::move(list)), cells(values.size()) {
    for (std::size_t i = 0; i < cells.size(); ++i) arena.set(cells[i], values[i]);
  }
  std::uint32_t count() const { return static_cast<std::uint32_t>(cells.size()); }

  List values;
  std::vector<Cell> cells;
  CellArena arena;
};

/// The bytes of a record, aligned as in a batch.
struct Bytes8 {
  explicit Bytes8(std::size_t bytes) : size(bytes), words(bytes / 8 + 1) {}
  char* data() { return reinterpret_cast<char*>(words.data()); }
  Record& record() { return *reinterpret_cast<Record*>(data()); }
  std::string check(std::uint32_t count = 1) { return check_records({data(), size}, count); }

  std::size_t size;
  std::vector<std::uint64_t> words;
};

Bytes8 write(List values, std::uint16_t anchors = 0) {
  const Fields fields(std::move(values));
  const std::size_t size = record_size(fields.cells.data(), fields.count(), anchors);
  Bytes8 bytes(size);
  const RecordHead head{.source = 7, .fields = fields.count(), .target = 9, .anchors = anchors, .stream = 3};
  Record* record = write_record(bytes.data(), size, head, fields.cells.data());
  for (std::uint16_t i = 0; i < anchors; ++i) record->anchor_list()[i] = {100u + i, 200u + i};
  return bytes;
}

std::size_t size_of(List values) {
  const Fields fields(std::move(values));
  return record_size(fields.cells.data(), fields.count(), 0);
}

List read(const Record& record) {
  List values;
  for (std::uint16_t i = 0; i < record.fields; ++i) values.push_back(Value(ValueView(record.cells()[i])));
  return values;
}

Value nested(int depth) {
  Value value(1);
  for (int i = 0; i < depth; ++i) value = i % 2 == 0 ? Value(List{Value(std::move(value))}) : Value(Map{{"k", std::move(value)}});
  return value;
}

std::vector<List> shapes() {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  return {
      {},
      {nullptr},
      {true, false},
      {0, -1, kLeast, std::numeric_limits<std::int64_t>::max()},
      {0.0, -0.0, 1.5, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::denorm_min()},
      {""},
      {"a", "", "fifteen letters", std::string(5000, 'x')},
      {std::string("nul \0 inside", 12), "na\xc3\xafve"},
      {Value::Binary{""}, Value::Binary{std::string("\0\xff\x80", 3)}},
      {Value(List{})},
      {Map{}},
      {"odd", List{}, "size", Map{}, "x"},
      {Value(List{1, "two", 3.0, nullptr, true, Value::Binary{"six"}})},
      {Map{{"b", 1}, {"a", List{"x", "y"}}, {"", nullptr}}},
      {List{List{List{}, Map{{"k", List{1, 2}}}}, "t"}, Map{{"m", Map{{"n", Map{}}}}}},
      {"a", List{"bc", "d", List{"e"}}, "fgh", Map{{"i", "jk"}}, "lmnop", 5},
      {nested(kValueDepthMax)},
      List(500, Value("word")),
  };
}

TEST(Record, gives_back_every_shape_of_value_with_and_without_anchors) {
  for (const List& shape : shapes())
    for (const std::uint16_t anchors : {std::uint16_t{0}, std::uint16_t{3}}) {
      Bytes8 bytes = write(shape, anchors);
      const Record& record = bytes.record();
      EXPECT_EQ(record.size, bytes.size);
      EXPECT_EQ(record.size % 8, 0u);
      EXPECT_EQ(record.source, 7u);
      EXPECT_EQ(record.target, 9u);
      EXPECT_EQ(record.stream, 3);
      EXPECT_EQ(record.kind, RecordKind::tuple);
      EXPECT_EQ(read(record), shape);
      for (std::uint16_t i = 0; i < anchors; ++i) {
        EXPECT_EQ(record.anchor_list()[i].root, 100u + i);
        EXPECT_EQ(record.anchor_list()[i].edge, 200u + i);
      }
      EXPECT_EQ(bytes.check(), "");
    }
}

TEST(Record, can_be_read_after_its_bytes_were_copied_elsewhere_and_the_original_was_overwritten) {
  for (const List& shape : shapes()) {
    Bytes8 original = write(shape, 3), copy = original;
    std::memset(original.data(), 0xee, original.size);
    EXPECT_EQ(read(copy.record()), shape);
    EXPECT_EQ(copy.check(), "");
  }
}

TEST(Record, keeps_the_bits_of_a_nan) {
  Bytes8 bytes = write(List{std::numeric_limits<double>::quiet_NaN()});
  EXPECT_TRUE(std::isnan(ValueView(bytes.record().cells()[0]).real()));
}

TEST(Record, takes_one_cache_line_for_a_word) {
  EXPECT_EQ(write(List{"word"}).size, 48u);
  EXPECT_EQ(write(List{"word"}, 1).size, 64u);
}

TEST(Record, refuses_what_is_nested_too_deep) {
  EXPECT_NE(size_of(List{nested(kValueDepthMax)}), 0u);
  EXPECT_EQ(size_of(List{nested(kValueDepthMax + 1)}), 0u);
}

TEST(Record, refuses_what_is_too_large) {
  EXPECT_NE(size_of(List{std::string(kRecordSizeMax - 100, 'x')}), 0u);
  EXPECT_EQ(size_of(List{std::string(kRecordSizeMax + 1, 'x')}), 0u);
  EXPECT_EQ(size_of(List{Value(List(kRecordSizeMax / sizeof(Cell) + 1))}), 0u);
  // Large by saying the same again: a list that shows one text often is as large as it will be when it is written.
  const std::string text(1 << 20, 'x');
  std::vector<Cell> same(65);
  for (Cell& cell : same) cell.set(std::string_view(text));
  EXPECT_EQ(record_size(same.data(), 65, 0), 0u);
}

TEST(Check, refuses_every_truncation) {
  for (const List& shape : shapes()) {
    Bytes8 bytes = write(shape, 3);
    for (std::size_t size = 0; size < bytes.size; size += 1 + bytes.size / 500) {
      Bytes8 cut(size);
      std::memcpy(cut.data(), bytes.data(), size);
      EXPECT_NE(cut.check(), "") << size << " of " << bytes.size;
      if (size % 8 != 0 || size < sizeof(Record)) continue;
      cut.record().size = static_cast<std::uint32_t>(size);  // cut off, and honest about it
      if (cut.check().empty()) read(cut.record());           // then what is left is whole
    }
  }
}

TEST(Check, walks_several_records_and_says_which_one_is_wrong) {
  Bytes8 one = write(List{"first", 1}, 1), two = write(List{Value(List{"second"})});
  Bytes8 both(one.size + two.size);
  std::memcpy(both.data(), one.data(), one.size);
  std::memcpy(both.data() + one.size, two.data(), two.size);
  EXPECT_EQ(both.check(2), "");
  EXPECT_EQ(both.check(1), std::to_string(two.size) + " bytes follow the last record");
  EXPECT_EQ(both.check(3), "record 2 at byte " + std::to_string(both.size) + " is cut off");
  reinterpret_cast<Record*>(both.data() + one.size)->size = 12;
  EXPECT_EQ(both.check(2), "record 1 at byte " + std::to_string(one.size) + " has an impossible size, 12");
}

TEST(Check, skips_kinds_that_it_does_not_know_by_their_size) {
  Bytes8 bytes = write(List{"x"});
  bytes.record().kind = static_cast<RecordKind>(200);
  bytes.record().fields = 999;
  EXPECT_EQ(bytes.check(), "");
}

TEST(Check, refuses_map_keys_that_are_no_text) {
  Bytes8 bytes = write(List{Map{{"key", 1}}});
  auto* key = reinterpret_cast<Cell*>(const_cast<char*>(bytes.record().cells()[0].target()));
  key->set(std::int64_t{1});
  EXPECT_NE(bytes.check(), "");
}

// Each level shows the next one twice: read as a tree, 2^100 values in 3 KB.
TEST(Check, refuses_values_that_are_shown_more_than_once) {
  constexpr std::size_t kLevels = 100;
  Bytes8 bytes(sizeof(Record) + (1 + 2 * kLevels) * sizeof(Cell));
  bytes.record() = {.size = static_cast<std::uint32_t>(bytes.size), .fields = 1};
  Cell* cells = bytes.record().cells();
  cells[0].set_list(&cells[1], 2);
  for (std::size_t level = 0; level < kLevels; ++level)
    for (std::size_t i = 1; i <= 2; ++i) {
      Cell& cell = cells[2 * level + i];
      if (level + 1 < kLevels)
        cell.set_list(&cells[2 * level + 3], 2);
      else
        cell.set(true);
    }
  EXPECT_NE(bytes.check(), "");
}

// The same with text: written out again, it would be larger than any record.
TEST(Check, refuses_a_text_that_is_shown_more_often_than_there_is_room_for) {
  Bytes8 bytes = write(List{std::string(1000, 'x'), "a", "b"});
  Cell* cells = bytes.record().cells();
  cells[1].set(ValueView(cells[0]).string());
  cells[2].set(ValueView(cells[0]).string());
  EXPECT_NE(bytes.check(), "");
}

void read_all(ValueView view, std::size_t& bytes) {
  switch (view.type()) {
    case Type::string:
    case Type::bytes:
      for (const char c : view.type() == Type::string ? view.string() : view.bytes()) bytes += static_cast<unsigned char>(c);
      break;
    case Type::list:
      for (ValueView item : view.list()) read_all(item, bytes);
      break;
    case Type::map:
      for (std::size_t i = 0; i < view.map().size(); ++i) {
        bytes += view.map().key(i).size();
        read_all(view.map().value(i), bytes);
      }
      break;
    case Type::boolean: bytes += view.boolean() ? 1 : 0; break;
    case Type::integer: bytes += static_cast<std::size_t>(view.integer()) & 1; break;
    case Type::real: bytes += std::isnan(view.real()) ? 1 : 0; break;
    case Type::null: break;
  }
}

// What is accepted can be read to the end; an address sanitizer sees if it leads anywhere else.
TEST(Check, accepts_nothing_that_cannot_be_read_fully_after_three_random_bytes_have_changed) {
  Random random(2024);
  std::size_t accepted = 0, sum = 0;
  const std::vector<List> all = shapes();
  for (int round = 0; round < 20'000; ++round) {
    const List& shape = all[random.below(all.size() - 1)];  // not the longest
    Bytes8 bytes = write(shape, 3);
    for (int i = 0; i < 3; ++i) bytes.data()[random.below(bytes.size)] = static_cast<char>(random.next());
    if (!bytes.check().empty()) continue;
    ++accepted;
    Record& record = bytes.record();
    if (record.kind != RecordKind::tuple) continue;
    for (std::uint16_t i = 0; i < record.anchors; ++i) sum += record.anchor_list()[i].root & 1;
    for (std::uint16_t i = 0; i < record.fields; ++i) read_all(ValueView(record.cells()[i]), sum);
    // And it can be written again, as a bolt does that keeps it.
    ASSERT_NE(record_size(record.cells(), record.fields, 0), 0u);
  }
  EXPECT_GT(accepted, 1000u);
  EXPECT_GT(sum, 0u);
}

}  // namespace
}  // namespace sparse::worker
