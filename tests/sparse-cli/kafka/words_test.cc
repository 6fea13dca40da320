// Tests of the words of `sparse kafka` command lines.
#include "sparse-cli/kafka/words.h"

#include <gmock/gmock.h>

#include <ctime>

namespace sparse::cli {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'764'064'800'000;  // 2025-11-25T10:00:00Z

template <class T>
std::string wrong(const Result<T>& result) {
  return result ? "taken" : result.error().message;
}

TEST(Brokers, AreHostsAndPorts) {
  for (const char* good : {"a:1", "a", "a:1,b:2", "a:1,", ",a:1", " a:1 ", "PLAINTEXT://a:1,ssl://b:2", "[::1]:9092"})
    EXPECT_TRUE(check_brokers(good)) << good;
  const std::pair<const char*, const char*> cases[] = {
      {"", "-b is empty"},
      {"  ", "-b is empty"},
      {"embedded", "a word for topology files"},
      {"kafka://a:1", "-b is HOST:PORT,…, found \"kafka://a:1\": leave \"kafka://\" out"},
      {"a:1, http://b:2/", "found \"http://b:2/\": leave \"http://\" out"}};
  for (const auto& [word, wrong] : cases) {
    const auto checked = check_brokers(word);
    ASSERT_FALSE(checked) << word;
    EXPECT_THAT(checked.error().message, testing::HasSubstr(wrong));
  }
}

TEST(TopicSpec, HasANameAndPartitions) {
  EXPECT_EQ(*parse_topic_spec("lines:4"), (TopicSpec{"lines", 4}));
  EXPECT_EQ(*parse_topic_spec("a.b-c_d:1"), (TopicSpec{"a.b-c_d", 1}));
  for (const char* word :
       {"lines", "lines:", "lines:four", ":4", "lines:0", "lines:-1", "lines:10001", "li nes:4", "..:1", "a/b:2", ""})
    EXPECT_THAT(wrong(parse_topic_spec(word)), testing::AnyOf(HasSubstr("--topic"), HasSubstr("cannot be the name"))) << word;
  EXPECT_THAT(wrong(parse_topic_spec(std::string(250, 'a') + ":4")), HasSubstr("at most 249"));
}

TEST(LoadSpec, TakesTheLastColon) {
  EXPECT_EQ(*parse_load_spec("a.txt:lines"), (LoadSpec{"a.txt", "lines"}));
  EXPECT_EQ(*parse_load_spec("C:/a:b.txt:lines"), (LoadSpec{"C:/a:b.txt", "lines"}));
  for (const char* word : {"a.txt", ":lines", "a.txt:", ""})
    EXPECT_THAT(wrong(parse_load_spec(word)), HasSubstr("FILE:TOPIC")) << word;
  EXPECT_THAT(wrong(parse_load_spec("a.txt:b c")), HasSubstr("cannot be the name of a topic"));
}

TEST(Position, KnowsWordsNumbersAndTimes) {
  using Kind = Position::Kind;
  const std::pair<const char*, Position> cases[] = {{"start", {Kind::start}},
                                                    {"earliest", {Kind::start}},
                                                    {"beginning", {Kind::start}},
                                                    {"end", {Kind::end}},
                                                    {"latest", {Kind::end}},
                                                    {"0", {Kind::offset, 0}},
                                                    {"42", {Kind::offset, 42}},
                                                    {"-10", {Kind::last, 10}},
                                                    {"@-1h", {Kind::time, kNow - 3'600'000}},
                                                    {"@1700000000000", {Kind::time, 1'700'000'000'000}}};
  for (const auto& [word, position] : cases) {
    const auto parsed = parse_position(word, kNow);
    ASSERT_TRUE(parsed) << word;
    EXPECT_EQ(*parsed, position) << word;
  }
  for (const char* word : {"", "-", "-0", "1.5", "ten", "99999999999999999999", "--1", "@"})
    EXPECT_FALSE(parse_position(word, kNow)) << word;
  EXPECT_THAT(wrong(parse_position("lastest", kNow)), HasSubstr("did you mean \"latest\"?"));
}

TEST(Time, IsBeforeNowOrADateOrMilliseconds) {
  const std::pair<const char*, std::int64_t> cases[] = {{"-1ms", kNow - 1},
                                                        {"-90s", kNow - 90'000},
                                                        {"-5m", kNow - 300'000},
                                                        {"-5min", kNow - 300'000},
                                                        {"-2h", kNow - 7'200'000},
                                                        {"-1d", kNow - 86'400'000},
                                                        {"-1w", kNow - 604'800'000},
                                                        {"-9000w", 0},  // before 1970
                                                        {"0", 0},
                                                        {"2025-11-25T10:00Z", kNow},
                                                        {"2025-11-25 10:00:05Z", kNow + 5000},
                                                        {"2025-11-25T10:00:05.250Z", kNow + 5250},
                                                        {"2025-11-25T11:00+01:00", kNow},
                                                        {"2025-11-25T04:30-0530", kNow},
                                                        {"2025-11-25T12:00+02", kNow}};
  for (const auto& [word, time] : cases) {
    const auto parsed = parse_time(word, kNow);
    ASSERT_TRUE(parsed) << word;
    EXPECT_EQ(*parsed, time) << word;
  }
  for (const char* word : {"",
                           "-",
                           "-1",
                           "-1y",
                           "-0s",
                           "-h",
                           "1h",
                           "2025-13-01",
                           "2025-02-30",
                           "2025-11-25T",
                           "2025-11-25T10",
                           "2025-11-25T25:00",
                           "2025-11-25T10:61",
                           "2025-11-25T10:00:5",
                           "2025-11-25T10:00X",
                           "2025-11-25T10:00+1",
                           "2025-11-25Z10:00",
                           "1969-01-01",
                           "yesterday",
                           "-99999999999s"})
    EXPECT_THAT(wrong(parse_time(word, kNow)), HasSubstr("is no time")) << word;
}

TEST(Time, WithoutAZoneIsLocal) {
  std::tm parts = {};
  parts.tm_year = 125, parts.tm_mon = 10, parts.tm_mday = 25, parts.tm_hour = 10, parts.tm_isdst = -1;
  EXPECT_EQ(*parse_time("2025-11-25T10:00", kNow), std::int64_t{std::mktime(&parts)} * 1000);
  parts.tm_hour = 0;
  EXPECT_EQ(*parse_time("2025-11-25", kNow), std::int64_t{std::mktime(&parts)} * 1000);
}

TEST(Separator, HasEscapes) {
  EXPECT_EQ(*parse_separator(":"), ":");
  EXPECT_EQ(*parse_separator(", "), ", ");
  EXPECT_EQ(*parse_separator("\\t"), "\t");
  EXPECT_EQ(*parse_separator("a\\\\b"), "a\\b");
  EXPECT_EQ(*parse_separator("\\x1f|"), "\x1f|");
  EXPECT_EQ(*parse_separator("\\0"), std::string(1, '\0'));
  EXPECT_EQ(*parse_separator("\\"), "\\");
  for (const char* word : {"\\q", "\\x1", "\\xgg", "\\x"})
    EXPECT_THAT(wrong(parse_separator(word)), HasSubstr("means nothing")) << word;
  EXPECT_THAT(wrong(parse_separator("")), HasSubstr("empty"));
  EXPECT_THAT(wrong(parse_separator("\\n")), HasSubstr("newline"));
}

TEST(KeyedLine, IsCutAtTheFirstSeparator) {
  struct Case {
    const char *line, *separator, *key, *value;
    bool has_key;
  };
  for (const Case& each : {Case{"a:b:c", ":", "a", "b:c", true}, Case{"abc", ":", "", "abc", false},
                           Case{":b", ":", "", "b", true}, Case{"a:", ":", "a", "", true}, Case{"a=>b", "=>", "a", "b", true},
                           Case{"a:b", "", "", "a:b", false}, Case{"", ":", "", "", false}}) {
    const KeyedLine parts = split_key(each.line, each.separator);
    EXPECT_EQ(parts.key, each.key) << each.line;
    EXPECT_EQ(parts.value, each.value) << each.line;
    EXPECT_EQ(parts.has_key, each.has_key) << each.line;
  }
}

TEST(Header, HasANameAndAValue) {
  EXPECT_EQ(*parse_header("a=b=c"), std::pair(std::string("a"), std::string("b=c")));
  EXPECT_EQ(*parse_header("a="), std::pair(std::string("a"), std::string()));
  for (const char* word : {"a", "=b", ""}) EXPECT_THAT(wrong(parse_header(word)), HasSubstr("NAME=VALUE")) << word;
}

TEST(Properties, AreReadFromWordsAndFiles) {
  std::map<std::string, std::string, std::less<>> properties;
  EXPECT_TRUE(add_property("acks=all", properties));
  EXPECT_TRUE(add_property("sasl.password=a=b", properties));
  EXPECT_TRUE(add_properties("# a comment\n\n client.id = me \r\nacks=1", "f", properties));
  EXPECT_THAT(properties, testing::ElementsAre(testing::Pair("acks", "1"), testing::Pair("client.id", "me"),
                                               testing::Pair("sasl.password", "a=b")));
}

TEST(Properties, NeverShowASecretInAnError) {
  std::map<std::string, std::string, std::less<>> properties;
  EXPECT_THAT(wrong(add_property("=hunter2", properties)), testing::Not(HasSubstr("hunter2")));
  const std::string error = wrong(add_properties("a=b\nhunter2\n", "my.properties", properties));
  EXPECT_EQ(error, "my.properties:2: this line is not NAME=VALUE");
}

}  // namespace
}  // namespace sparse::cli
