// The batched framing: round trips of values, what records mean, and hostile bytes.
#include "multilang/cpp/batch_protocol.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "multilang/cpp/marshal_writer.h"

namespace sparse::multilang {
namespace {

using namespace std::string_literals;

std::string le32(std::uint32_t number) { return std::string(reinterpret_cast<const char*>(&number), sizeof number); }
std::string records(const std::string& payload) {
  return le32(static_cast<std::uint32_t>(payload.size())) + "\x01\x10\0\0"s + payload;
}
std::string list(std::uint32_t count, const std::string& items) { return "[" + le32(count) + items; }

// The tuples from 7 on.
std::string columns(char fields, const std::string& counts, const std::string& values) {
  return ")\5i\7\0\0\0i\7\0\0\0i"s + fields + "\0\0\0s"s + le32(static_cast<std::uint32_t>(counts.size())) + counts + values;
}

std::string text_of(const Value& value) {
  switch (value.type()) {
    case Type::null: return "null";
    case Type::boolean: return *value.as<bool>() ? "true" : "false";
    case Type::integer: return std::to_string(*value.as<std::int64_t>());
    case Type::real: return std::to_string(*value.as<double>());
    case Type::string: return "'" + *value.as<std::string>() + "'";
    case Type::bytes: return "b'" + value.as<Value::Binary>()->data + "'";
    case Type::list: {
      std::string text = "[";
      for (const Value& item : *value.as<Value::List>()) text += text_of(item) + " ";
      return text + "]";
    }
    case Type::map: break;
  }
  std::string text = "{";
  for (const auto& [key, item] : *value.as<Value::Map>()) text += key + ":" + text_of(item) + " ";
  return text + "}";
}

// As if each row had come alone.
std::string shown_rows(const RowsMessage& rows) {
  const std::string id = std::to_string(rows.id);
  std::string text;
  for (std::uint32_t row = 0; row < rows.rows; ++row) {
    text += (row > 0 ? "; emit" : "emit");
    for (std::uint32_t i = 0; i < rows.fields; ++i) text += " " + text_of(Value(ValueView(rows.cells[row * rows.fields + i])));
    text += " @" + id;
  }
  return rows.acked ? text + "; ack " + id : text;
}

std::string shown(const ChildMessage& message) {
  if (const auto* rows = std::get_if<RowsMessage>(&message)) return shown_rows(*rows);
  if (const auto* emit = std::get_if<EmitMessage>(&message)) {
    std::string text = "emit";
    for (std::uint32_t i = 0; i < emit->count; ++i) text += " " + text_of(Value(ValueView(emit->cells[i])));
    if (emit->stream != "default") text += " on " + std::string(emit->stream);
    for (const std::int64_t id : emit->anchor_numbers) text += " @" + std::to_string(id);
    if (emit->task != 0) text += " to " + std::to_string(emit->task);
    if (!emit->id.empty()) text += " id " + std::string(emit->id);
    if (emit->need_task_ids) text += " asks";
    return text + (emit->rejected.empty() ? "" : " rejected: " + std::string(emit->rejected));
  }
  if (const auto* ack = std::get_if<AckMessage>(&message)) return "ack " + std::to_string(*ack->number);
  if (const auto* fail = std::get_if<FailMessage>(&message))
    return "fail " + std::to_string(*fail->number) + " " + std::string(fail->reason);
  if (const auto* log = std::get_if<LogMessage>(&message)) return "log " + std::string(log->text) + std::to_string(log->level);
  if (const auto* error = std::get_if<ErrorMessage>(&message)) return "error " + std::string(error->text);
  if (const auto* sync = std::get_if<SyncMessage>(&message)) return sync->exhausted ? "sync exhausted" : "sync";
  if (const auto* odd = std::get_if<OddMessage>(&message)) return "odd: " + std::string(odd->what);
  return "message " + std::to_string(message.index());
}

std::string read(BatchProtocol& protocol, std::string_view bytes) {
  const auto room = protocol.room(bytes.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  protocol.filled(bytes.size());
  std::string result;
  for (;;) {
    const Inbound inbound = protocol.next();
    if (std::holds_alternative<Nothing>(inbound)) return result;
    if (const auto* lost = std::get_if<LostFraming>(&inbound)) return result + "lost: " + lost->rule;
    result += shown(std::get<ChildMessage>(inbound)) + "; ";
  }
}

std::string read(std::string_view bytes) {
  BatchProtocol protocol("");
  return read(protocol, bytes);
}

// A tuple's values as the parent writes them, read as an emit of a child.
std::string round_trip(const Value::List& values) {
  CellArena arena;
  std::vector<Cell> cells(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) arena.set(cells[i], values[i]);
  std::string written;
  const Uncarried why = marshal_values(written, cells.data(), static_cast<std::uint32_t>(cells.size()));
  return why.empty() ? read(records(list(1, written))) : why;
}

TEST(BatchProtocol, CarriesEveryValueThereAndBack) {
  const std::int64_t least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 31, -(std::int64_t{1} << 31) - 1, least, most})
    EXPECT_EQ(round_trip({number}), "emit " + std::to_string(number) + "; ");
  EXPECT_EQ(round_trip({nullptr, true, false, 2.5}), "emit null true false 2.500000; ");
  EXPECT_EQ(round_trip({std::nan("")}), "emit nan; ");
  EXPECT_EQ(round_trip({"", "cow", "Zoë 🐄", Value::Binary{"\xff\0"s}}), "emit '' 'cow' 'Zoë 🐄' b'\xff\0'; "s);
  const std::string longer(300, 'x');
  EXPECT_EQ(round_trip({longer, longer + "ë"}), "emit '" + longer + "' '" + longer + "ë'; ");
  EXPECT_EQ(
      round_trip({Value::List{}, Value::List{1, Value::List{"a"}}, Value::Map{}, Value::Map{{"k", 1}, {"l", Value::Map{}}}}),
      "emit [] [1 ['a' ] ] {} {k:1 l:{} }; ");
  EXPECT_EQ(round_trip({}), "emit; ");
  EXPECT_EQ(round_trip({1, "\xff"}), "value 1 cannot be carried to a child: text that is not UTF-8");
  Value deep(1);
  for (int i = 0; i < 200; ++i) deep = Value(Value::List{deep});
  EXPECT_EQ(round_trip({deep}), "value 0 cannot be carried to a child: a value nested more than 128 levels deep");
}

TEST(BatchProtocol, ReadsWhatRecordsMean) {
  const std::string one = "i\x01\0\0\0"s, seven = "i\x07\0\0\0"s, word = list(1, "z\x01w"), zero = "i\0\0\0\0"s;
  const struct {
    std::string payload;
    std::string shown;
  } cases[] = {
      {list(0, ""), ""},
      {list(4, seven + word + word + "N"), "emit 'w' @7; emit 'w' @7; ack 7; "},
      {list(2, columns(1, "\4\0\0\0\2\0"s, list(6, "z\1az\1bz\1cNTF")) + word),
       "emit 'a' @7; emit 'b' @7; emit 'c' @7; emit null @7; ack 7; ack 8; emit true @9; emit false @9; ack 9; emit 'w'; "},
      {list(1, columns(2, "\4\0"s, list(4, "z\1az\1b" + one + seven))), "emit 'a' 'b' @7; emit 1 7 @7; ack 7; "},
      {list(1, columns(1, "", list(0, ""))), ""},
      {list(1, columns(1, "\2\0"s, list(2, "u\1\0\0\0\xffN"s))),
       "emit @7 rejected: text that is not UTF-8; emit null @7; ack 7; "},
      {list(3, seven + "F" + word), "emit 'w'; "},
      {list(1, "N"), "odd: an ack of the tuple under way when there was none; "},
      {list(1, ")\x07" + zero + word + "z\x02to" + seven + "T" + list(2, one + seven) + "z\x02\"a"s),
       "emit 'w' on to @1 @7 to 7 id \"a asks; "},
      {list(2, ")\x02" + one + seven + ")\x03" + "i\x02\0\0\0"s + one + "z\x03why"), "ack 7; fail 1 why; "},
      {list(3, ")\x03" + "i\x03\0\0\0"s + "z\x01m" + one + ")\x02" + "i\x04\0\0\0"s +
                   "z\x01"
                   "e" +
                   ")\x02" + "i\x06\0\0\0"s + "T"),
       "log m1; error e; sync exhausted; "},
      {list(1, ")\x01" + zero), "odd: an emit without a list of values; "},
      {list(1, ")\x01" + one), "odd: an ack without an id; "},
      {list(1, ")\x01" + "i\x63\0\0\0"s), "odd: a record with the unknown code 99; "},
      {list(1, "z\x01x"), "odd: a record of type string; "},
      // A flagged text, and a reference to it.
      {list(2, list(1, "\xfa\x01w") + list(1, "r\0\0\0\0"s)), "emit 'w'; emit 'w'; "},
      {list(2, seven + list(2, "u\x01\0\0\0\xff"s + one)), "emit @7 rejected: text that is not UTF-8; "},
      {list(1, list(1, "l\x05\0\0\0\0\0\0\0\0\0\0\0\x10\0"s)), "emit rejected: an integer that does not fit into 64 bits; "},
      {list(1, list(1, "{" + one + one + "0")), "emit rejected: a map with a key that is not text; "},
      {list(1, list(1,
                    "{z\x01"
                    "az\x01"
                    "bz\x01"
                    "aN0")),
       "emit rejected: a map that has a key twice; "},
  };
  for (const auto& c : cases) EXPECT_EQ(read(records(c.payload)), c.shown);
  EXPECT_EQ(read("\0\0\0\0\x01\x63\0\0"s + records(list(1, word))), "odd: a batch of the unknown kind 99; emit 'w'; ");
}

TEST(BatchProtocol, LosesTheFramingOnBytesThatAreNoBatch) {
  const std::string nested(200, '[');
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += list(1, "");
  const struct {
    std::string bytes;
    std::string rule;
  } cases[] = {
      {"Traceback (most", "a batch does not begin with a header of version 1"},
      {"\0\0\0\x02\x01\x10\0\0"s, "a batch is larger than 16777216 bytes"},
      {records("N"), "a batch is not a list of records"},
      {records(""), "a batch is not a list of records"},
      {records("[\xff\xff\xff\xff"), "a batch is not a list of records"},
      {records(list(1, "N") + "N"), "bytes follow the last record of a batch"},
      {records(list(1, "[\xff\xff\xff\x7f")), "a value is longer than its batch"},
      {records(list(1, "u\xff\xff\xff\xff")), "a value is longer than its batch"},
      {records(list(1, "s\x05\0\0\0ab"s)), "a value is longer than its batch"},
      {records(list(1, "l\0\0\0\x80"s)), "a value is longer than its batch"},
      {records(list(1, "l\x01\0\0\0\xff\xff"s)), "a digit of an integer is larger than 32767"},
      {records(list(1, "g\0\0"s)), "a value is longer than its batch"},
      {records(list(1, "i\0"s)), "a value is longer than its batch"},
      {records(list(1, "z\x05")), "a value is longer than its batch"},
      {records(list(1,
                    "{z\x01"
                    "a0")),
       "a map has a key without a value"},
      {records(list(1, "{")), "a value is longer than its batch"},
      {records(list(1, "r\0\0\0\0"s)), "a reference names a value that has not come"},
      {records("\xdb" + le32(1) + "r\0\0\0\0"s), "a reference names a list, a tuple or a map"},
      {records(list(1, "c")), "a value has the unknown type 0x63"},
      {records(list(1, columns(1, "\2\0"s, list(3, "NNN")))), "the numbers of a record of columns do not agree with its values"},
      {records(list(1, columns(2, "\3\0"s, list(3, "NNN")))), "the numbers of a record of columns do not agree with its values"},
      {records(list(1, columns(1, "\1", list(1, "N")))), "the numbers of a record of columns do not agree with its values"},
      {records(list(1, columns(0, "\1\0"s, list(1, "N")))), "a record of columns is not (7, id, number of fields, bytes, list)"},
      {records(list(1, columns(1, "\1\0"s, "N"))), "a record of columns is not (7, id, number of fields, bytes, list)"},
      {records(list(1, columns(1, "\2\0"s, list(2, "N")))), "a record of columns is not"},
      {records(list(1, ")")), "a value is longer than its batch"},
      {records(list(1, deep)), "a value is nested more than 128 levels deep"},
  };
  for (const auto& c : cases) {
    const std::string said = read(c.bytes);
    EXPECT_NE(said.find("lost: " + c.rule), said.npos) << said << " instead of " << c.rule;
  }
}

TEST(BatchProtocol, ReadsABatchThatComesByteByByte) {
  const std::string bytes = records(list(3, "i\x07\0\0\0"s + list(1, "z\x01w") + "N"));
  BatchProtocol protocol(bytes.substr(0, 3));
  std::string said;
  for (const char byte : bytes.substr(3)) said += read(protocol, {&byte, 1});
  EXPECT_EQ(said, "emit 'w' @7; ack 7; ");
  EXPECT_EQ(protocol.partial(), "");
}

TEST(BatchProtocol, PutsManyTuplesIntoOneFrameAndDeclaresASourceOnce) {
  BatchProtocol protocol("");
  Cell cell;
  cell.set(std::string_view("a"));
  std::string to;
  EXPECT_EQ(protocol.tuple(to, {1, "lines", "default", 3, &cell, 1}), "");
  EXPECT_EQ(protocol.tuple(to, {2, "lines", "default", 3, &cell, 1}), "");
  EXPECT_EQ(protocol.open_messages(), 2u);
  EXPECT_EQ(protocol.tuple(to, {3, "lines", "default", 4, &cell, 1}), "");
  const auto source = [](char number, char task) {
    return "\x21\0\0\0\x01\x01\0\0)\x05i"s + number + "\0\0\0z\x05linesz\x07"s + "default" + "i" + task + "\0\0\0i\1\0\0\0"s;
  };
  EXPECT_EQ(to, source(0, 3) + source(1, 4));
  to.clear();
  // An id that does not follow ends the frame.
  EXPECT_EQ(protocol.tuple(to, {5, "lines", "default", 3, &cell, 1}), "");
  const auto integer = [](char number) { return "i"s + number + "\0\0\0"s; };
  const std::string values = "z\1az\1az\1a";
  const std::string payload = ")\3" + integer(1) + list(4, integer(0) + integer(2) + integer(1) + integer(1)) + list(3, values);
  EXPECT_EQ(to, le32(static_cast<std::uint32_t>(payload.size())) + "\x01\x02\0\0"s + payload);
  EXPECT_EQ(protocol.open_messages(), 1u);
  protocol.close_batch(to);
  to.clear();
  protocol.close_batch(to);
  EXPECT_EQ(to, "");
}

}  // namespace
}  // namespace sparse::multilang
