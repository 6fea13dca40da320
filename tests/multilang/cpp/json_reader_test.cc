// Texts of messages in, typed messages out.
#include "multilang/cpp/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "multilang/cpp/framing.h"
#include "multilang/cpp/json_writer.h"

namespace sparse::multilang {
namespace {

using testing::HasSubstr;

std::string shown(const std::variant<ChildMessage, BadText>& read) {
  if (const auto* bad = std::get_if<BadText>(&read)) {
    constexpr const char* kNames[] = {"not json", "bad utf-8", "too deep"};
    return kNames[static_cast<int>(bad->kind)];
  }
  struct Show {
    std::string operator()(const PidMessage& m) { return "pid " + std::to_string(m.pid) + (m.finish ? " finish" : ""); }
    std::string operator()(const EmitMessage& m) {
      std::string text = "emit ";
      if (m.rejected.empty()) {
        EXPECT_EQ(append_values(text, m.cells, m.count), "");
      } else {
        text += "rejected: " + std::string(m.rejected);
      }
      if (m.stream != "default") text += " stream " + std::string(m.stream);
      for (std::string_view anchor : m.anchors) text += " anchor " + std::string(anchor);
      if (!m.id.empty()) text += " id " + std::string(m.id);
      if (m.task != 0) text += " task " + std::to_string(m.task);
      if (!m.need_task_ids) text += " no ids";
      return text;
    }
    std::string operator()(const RowsMessage&) { return "rows"; }
    std::string operator()(const AckMessage& m) { return "ack " + std::string(m.id); }
    std::string operator()(const FailMessage& m) {
      return "fail " + std::string(m.id) + (m.reason.empty() ? "" : ": ") + std::string(m.reason);
    }
    std::string operator()(const LogMessage& m) { return "log " + std::to_string(m.level) + " " + std::string(m.text); }
    std::string operator()(const ErrorMessage& m) { return "error " + std::string(m.text); }
    std::string operator()(const SyncMessage& m) { return m.exhausted ? "sync exhausted" : "sync"; }
    std::string operator()(const MetricsMessage& m) { return "metrics " + std::string(m.name) + " " + std::string(m.params); }
    std::string operator()(const OddMessage& m) { return "odd: " + std::string(m.what); }
  };
  return std::visit(Show{}, std::get<ChildMessage>(read));
}

std::string read(JsonReader& reader, std::string text) {
  const std::size_t size = text.size();
  text.append(Framer::kPadding, '\0');
  return shown(reader.read({text.data(), size}));
}

TEST(JsonReader, ReadsEveryMessageWithKeysInAnyOrder) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {R"({"pid": 831})", "pid 831"},
      {R"({"pid":1,"sparse":{"finish":true,"later":[1,{}]}})", "pid 1 finish"},
      {R"({"pid":1,"sparse":[]})", "pid 1"},
      {R"({"command": "emit", "tuple": ["the"], "anchors": ["-6955786537413359385"], "need_task_ids": false})",
       "emit [\"the\"] anchor \"-6955786537413359385\" no ids"},
      {R"({"tuple":[1],"stream":"odd","task":7,"anchors":"5","command":"emit"})", "emit [1] stream odd anchor \"5\" task 7"},
      {R"({"command":"emit","tuple":[],"anchors":[],"task":0,"stream":null})", "emit []"},
      {R"({"command":"emit","tuple":[1],"anchors":[5,null],"task":null,"need_task_ids":null})", "emit [1] anchor 5 anchor null"},
      {R"({"command":"emit","tuple":[1],"id":{"a": [1, 2]}})", "emit [1] id {\"a\": [1, 2]}"},
      {R"({"command":"emit","tuple":[1],"id": 5 })", "emit [1] id 5"},
      {R"({"command":"emit","tuple":[1],"id":null})", "emit [1]"},
      {R"({"command":"emit","id":["x", "y"] ,"tuple":[1]})", "emit [1] id [\"x\", \"y\"]"},
      {R"({"command": "ack", "id": "99"})", "ack \"99\""},
      {R"({"command": "ack", "id": 99 })", "ack 99"},
      {R"({"command": "ack", "id": null})", "ack null"},
      {R"({"command": "fail", "id": "99"})", "fail \"99\""},
      {R"({"command": "fail", "id": "99", "reason": "no \"number\""})", "fail \"99\": no \"number\""},
      {R"({"command": "log", "msg": "done"})", "log 2 done"},
      {R"({"command": "log", "msg": "a\tb", "level": 4})", "log 4 a\tb"},
      {R"({"command": "log", "msg": {"a":1}, "level": "high"})", "log 2 {\"a\":1}"},
      {R"({"command": "error", "msg": "\ud800 half"})", "error \"\\ud800 half\""},
      {R"({"command": "sync"})", "sync"},
      {R"({"command": "sync", "exhausted": true})", "sync exhausted"},
      {R"({"command": "metrics", "name": "seen", "params": [1, {"b": 2}]})", "metrics seen [1, {\"b\": 2}]"},
      {"{\n\r\t \"command\" :\n\"sync\" }", "sync"},
      {R"({"comm\u0061nd":"s\u0079nc"})", "sync"},
  };
  JsonReader reader;
  for (const auto& c : cases) EXPECT_EQ(read(reader, c.text), c.message) << c.text;
}

TEST(JsonReader, CarriesEveryTypeOfValue) {
  const char* const tuples[] = {
      "[]",
      "[null,true,false,0,-1,9223372036854775807,-9223372036854775808]",
      "[0.5,-1.25e+100,1e-07,3.0]",
      R"(["","plain","tab\t quote\" slash\\ nul\u0000","é€😀"])",
      R"([[],{},[[1,[2]],{"a":[{"b":null}],"":1}]])",
  };
  JsonReader reader;
  for (const char* tuple : tuples)
    EXPECT_EQ(read(reader, std::string(R"({"command":"emit","tuple":)") + tuple + "}"), std::string("emit ") + tuple);
  EXPECT_EQ(read(reader, R"({"command":"emit","tuple":["\u00e9\ud83d\ude00\/"]})"), "emit [\"é😀/\"]");
  std::string long_list = "[0";
  for (int i = 1; i < 5000; ++i) long_list += "," + std::to_string(i);
  EXPECT_EQ(read(reader, R"({"command":"emit","tuple":[)" + long_list + "],7]}"), "emit [" + long_list + "],7]");
}

TEST(JsonReader, RejectsATupleByNameAndStillKnowsTheRestOfItsEmit) {
  const struct {
    const char* value;
    const char* why;
  } cases[] = {
      {"NaN", "JSON has no value NaN"},
      {"Infinity", "JSON has no value Infinity"},
      {"-Infinity", "no number can be read from -Infinity"},
      {"[1,{\"a\":NaN}]", "JSON has no value NaN"},
      {"9223372036854775808", "the integer 9223372036854775808 does not fit into 64 bits"},
      {"-9223372036854775809", "the integer -9223372036854775809 does not fit into 64 bits"},
      {"123456789012345678901234567890", "does not fit into 64 bits"},
      {"1e400", "no number can be read from 1e400"},
      {"01", "no number can be read from 01"},
      {"\"\\ud800\"", "is not valid Unicode"},
      {"\"\\q\"", "is not valid Unicode"},
      {"{\"a\":1,\"b\":2,\"a\":3}", "a map has the key \"a\" twice"},
      {"{\"\\udc00\":1}", "a key of a map is not valid Unicode"},
      {"nul", "JSON has no value nul"},
      {"True", "JSON has no value True"},
      {"1 2", "its text is not JSON"},
  };
  JsonReader reader;
  for (const auto& c : cases) {
    const std::string got = read(reader, std::string(R"({"command":"emit","tuple":["x",)") + c.value +
                                             R"(,"y"],"stream":"s","anchors":["4"],"need_task_ids":false})");
    EXPECT_THAT(got, HasSubstr("emit rejected: ")) << c.value;
    EXPECT_THAT(got, HasSubstr(c.why)) << c.value;
    EXPECT_THAT(got, HasSubstr(" stream s anchor \"4\" no ids")) << c.value;
  }
  EXPECT_EQ(read(reader, R"({"command":"sync"})"), "sync");
}

TEST(JsonReader, CallsOddWhatIsAnObjectButNoMessage) {
  const struct {
    const char* text;
    const char* what;
  } cases[] = {
      {"{}", "odd: an object with neither command nor pid"},
      {R"({"pid":"x"})", "odd: an object with neither command nor pid"},
      {R"({"command":"dance"})", "odd: an unknown command \"dance\""},
      {R"({"command":7})", "odd: an unknown command \"7\""},
      {R"({"command":"ack"})", "odd: ack without an id"},
      {R"({"command":"emit"})", "odd: an emit without a tuple"},
      {R"({"command":"emit","tuple":"x"})", "odd: an emit whose tuple is not a list"},
  };
  JsonReader reader;
  for (const auto& c : cases) EXPECT_EQ(read(reader, c.text), c.what) << c.text;
}

TEST(JsonReader, KnowsTheTextsThatLoseTheFraming) {
  const std::string deep(500, '['), deeper_map = [] {
    std::string text = "1";
    for (int i = 0; i < 200; ++i) text = "{\"a\":" + text + "}";
    return text;
  }();
  const struct {
    std::string text;
    const char* kind;
  } cases[] = {
      {"", "not json"},
      {"hello", "not json"},
      {"[1]", "not json"},
      {"7", "not json"},
      {"\"command\"", "not json"},
      {R"({"command":"sync")", "not json"},
      {R"({"command":"sync"}})", "not json"},
      {R"({"command":"sync"} {"command":"sync"})", "not json"},
      {R"({"command":"sync"} x)", "not json"},
      {R"({"command" "sync"})", "not json"},
      {R"({"command":"sy)", "not json"},
      {R"({"command":"emit","tuple":[1})", "not json"},
      {"{\"command\":\"log\",\"msg\":\"a\nb\"}", "not json"},
      {"{\"command\":\"log\",\"msg\":\"\xff\"}", "bad utf-8"},
      {R"({"command":"emit","tuple":[)" + deep + std::string(500, ']') + "]}", "too deep"},
      {R"({"command":"emit","tuple":[)" + deeper_map + "]}", "too deep"},
  };
  JsonReader reader;
  for (const auto& c : cases) EXPECT_EQ(read(reader, c.text), c.kind) << c.text;
}

TEST(JsonReader, ReadsAWordThatOnlyBeginsLikeNull) {  // simdjson's is_null threw; found by the fuzzer
  JsonReader reader;
  EXPECT_THAT(read(reader, R"({"command":"emit","stream":nd,"tuple":[1]})"), HasSubstr("stream nd"));
  EXPECT_EQ(read(reader, R"({"command":"fail","id":1,"reason":nope})"), "fail 1: nope");
}

TEST(JsonReader, TakesTheIntegerOfAnIdOutOfTextOrNumber) {
  EXPECT_EQ(tuple_id("\"-6955786537413359385\""), -6955786537413359385);
  EXPECT_EQ(tuple_id("12"), 12);
  for (const char* none : {"null", "\"\"", "\"", "", "\"x\"", "1.5", "\"99999999999999999999\"", "[1]"})
    EXPECT_EQ(tuple_id(none), std::nullopt) << none;
}

}  // namespace
}  // namespace sparse::multilang
