// The bolts that write: print, file and log, and the JSON they share.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>

#include "tests/support/fake_task.h"
#include "tests/support/scratch.h"
#include "worker/components/file_bolt.h"
#include "worker/components/plain_bolts.h"
#include "worker/components/print_bolt.h"
#include "worker/components/test_words.h"
#include "worker/components/value_json.h"

namespace sparse::worker {
namespace {

using test::FakeTask;
using test::RecordingOutput;
using test::Rig;
using test::TupleOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ValueJson, writes_every_type) {
  const struct {
    Value value;
    std::string_view json;
  } cases[] = {
      {nullptr, "null"},
      {true, "true"},
      {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
      {0.1, "0.1"},
      {2.0, "2.0"},
      {1e300, "1e+300"},
      {std::nan(""), "null"},
      {"plain", R"("plain")"},
      {"a \"quote\"\n\x01", R"("a \"quote\"\n\u0001")"},
      {"grün", R"("grün")"},
      {"cut \xc3", R"("cut )"
                   "\xef\xbf\xbd"
                   R"(")"},
      {Value::Binary{""}, R"({"base64":""})"},
      {Value::Binary{std::string("\0\xff?", 3)}, R"({"base64":"AP8/"})"},
      {Value::Binary{"M"}, R"({"base64":"TQ=="})"},
      {Value::Binary{"Ma"}, R"({"base64":"TWE="})"},
      {Value::List{}, "[]"},
      {Value::List{1, Value::List{"x"}}, R"([1,["x"]])"},
      {Value::Map{}, "{}"},
      {Value::Map{{"b", 1}, {"a\n", Value::Map{{"c", nullptr}}}}, R"({"b":1,"a\n":{"c":null}})"},
  };
  RecordingOutput out;
  for (const auto& each : cases) {
    std::string json;
    append_json_values(json, TupleOf({each.value}, out));
    EXPECT_EQ(json, "[" + std::string(each.json) + "]");
  }
}

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    read = FileHandle(ends[0]);
    write = FileHandle(ends[1]);
  }
  std::string take() const {
    std::string text(1 << 20, '\0');
    const ssize_t got = ::read(read.get(), text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }
  FileHandle read, write;
};

TEST(PrintBolt, writes_one_object_a_line_at_the_latest_after_a_moment) {
  Pipe pipe;
  Rig<PrintBolt> rig(FakeTask(), std::make_shared<StdoutSink>(pipe.write.get()));
  rig.open();
  rig.out.source_component = "count";
  rig.it.execute(TupleOf({"the", 12}, rig.out, 3), rig.out);
  rig.it.execute(TupleOf({"cow", 1}, rig.out, 3), rig.out);
  EXPECT_EQ(pipe.take(), "");
  EXPECT_THAT(rig.task.timers, ElementsAre(std::chrono::milliseconds(100)));
  rig.it.timer(rig.out);
  EXPECT_EQ(pipe.take(), R"({"component":"count","stream":"default","task":3,"values":["the",12]})"
                         "\n"
                         R"({"component":"count","stream":"default","task":3,"values":["cow",1]})"
                         "\n");
  rig.it.execute(TupleOf({"end"}, rig.out), rig.out);
  rig.it.finish(rig.out);
  EXPECT_THAT(pipe.take(), HasSubstr("end"));
}

TEST(PrintBolt, takes_no_tuples_while_its_reader_is_slow_and_loses_no_line) {
  Pipe pipe;
  Rig<PrintBolt> rig(FakeTask(), std::make_shared<StdoutSink>(pipe.write.get()));
  rig.open();
  const TupleOf tuple({std::string(1000, 'x')}, rig.out);
  int executed = 0;
  for (; executed < 1000 && !rig.task.paused; ++executed) rig.it.execute(tuple, rig.out);
  ASSERT_TRUE(rig.task.paused);
  ASSERT_EQ(rig.task.watched.size(), 1u);
  const int fd = rig.task.watched.begin()->first;
  std::string text;
  for (int i = 0; i < 100 && rig.task.paused; ++i) {
    text += pipe.take();
    rig.it.ready(fd, EPOLLOUT, rig.out);
  }
  EXPECT_FALSE(rig.task.paused);
  EXPECT_THAT(rig.task.watched, IsEmpty());
  rig.it.finish(rig.out);
  text += pipe.take();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), executed);
}

TEST(PrintBolt, holds_the_end_of_the_run_until_its_reader_has_all) {
  Pipe pipe;
  Rig<PrintBolt> rig(FakeTask(), std::make_shared<StdoutSink>(pipe.write.get()));
  rig.open();
  const TupleOf tuple({std::string(60'000, 'x')}, rig.out);
  for (int i = 0; i < 2; ++i) rig.it.execute(tuple, rig.out);
  rig.it.execute(TupleOf({"last"}, rig.out), rig.out);
  rig.it.finish(rig.out);
  EXPECT_TRUE(rig.task.end_held);
  std::string text;
  for (int i = 0; i < 100 && rig.task.end_held; ++i) {
    text += pipe.take();
    rig.it.ready(rig.task.watched.begin()->first, EPOLLOUT, rig.out);
  }
  text += pipe.take();
  EXPECT_FALSE(rig.task.end_held);
  EXPECT_THAT(text, testing::EndsWith("[\"last\"]}\n"));
  rig.it.close();
  EXPECT_THAT(rig.task.logged, IsEmpty());
}

TEST(PrintBolt, ends_the_run_when_nobody_reads_any_more) {
  Pipe pipe;
  Rig<PrintBolt> rig(FakeTask(), std::make_shared<StdoutSink>(pipe.write.get()));
  rig.open();
  pipe.read.reset();
  rig.it.execute(TupleOf({"x"}, rig.out), rig.out);
  rig.it.timer(rig.out);
  EXPECT_THAT(rig.task.gave_up, ElementsAre(HasSubstr("nobody reads the standard output any more")));
  rig.it.execute(TupleOf({"y"}, rig.out), rig.out);
  EXPECT_THAT(rig.out.failed, ElementsAre("the standard output is gone"));
  rig.it.close();
  EXPECT_EQ(rig.task.gave_up.size(), 1u);
}

TEST(FileBolt, appends_lines_of_json_or_of_text) {
  const test::Scratch scratch;
  scratch.write("json", "before\n");
  Rig<FileBolt> json(Value::Map{{"path", "json"}});
  json.task.topology.folder = scratch.folder();
  json.open();
  json.it.execute(TupleOf({"a", 1}, json.out), json.out);
  EXPECT_EQ(scratch.read("json"),
            "before\n"
            R"({"component":"source","stream":"default","task":1,"values":["a",1]})"
            "\n");
  Rig<FileBolt> text({{"path", scratch.path("text")}, {"format", "text"}});
  text.open();
  text.it.execute(TupleOf({"a", 1, 0.5, Value::List{"x"}}, text.out), text.out);
  text.it.execute(TupleOf({"b"}, text.out), text.out);
  EXPECT_EQ(scratch.read("text"), "a\t1\t0.5\t[\"x\"]\nb\n");
}

TEST(FileBolt, fails_the_tuple_whose_line_cannot_be_written) {
  Rig<FileBolt> rig(Value::Map{{"path", "/dev/full"}});
  rig.open();
  rig.it.execute(TupleOf({"a"}, rig.out), rig.out);
  EXPECT_THAT(rig.out.failed, ElementsAre(HasSubstr("cannot write the file /dev/full: No space left")));
}

TEST(FileBolt, says_when_its_file_cannot_be_written_and_when_it_can_again) {
  const test::Scratch scratch;
  const std::string path = scratch.path("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const FileHandle reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  Rig<FileBolt> rig(Value::Map{{"path", path}});
  rig.open();
  const TupleOf tuple({std::string(10'000, 'x')}, rig.out);
  while (rig.out.failed.size() < 3) rig.it.execute(tuple, rig.out);
  EXPECT_THAT(rig.task.logged, ElementsAre(HasSubstr("cannot write the file " + path)));
  std::string text(1 << 20, '\0');
  ASSERT_GT(::read(reader.get(), text.data(), text.size()), 0);
  rig.it.execute(tuple, rig.out);
  EXPECT_EQ(rig.out.failed.size(), 3u);
  EXPECT_THAT(rig.task.logged, ElementsAre(testing::_, HasSubstr("can be written again")));
}

TEST(FileBolt, refuses_a_path_or_format_that_it_cannot_use) {
  for (const Value::Map& options :
       {Value::Map{{"path", "/nowhere/at/all"}}, Value::Map{{"path", "/dev/null"}, {"format", "xml"}}}) {
    Rig<FileBolt> rig(options);
    EXPECT_THROW(rig.open(), std::runtime_error);
  }
}

TEST(LogBolt, logs_the_values) {
  Rig<LogBolt> rig;
  rig.open();
  rig.it.execute(TupleOf({"a", 1}, rig.out), rig.out);
  EXPECT_THAT(rig.task.logged, ElementsAre(R"(["a",1])"));
}

TEST(TestWords, come_ten_a_second_and_are_counted) {
  Rig<TestWordSpout> spout;
  spout.open();
  EXPECT_EQ(spout.run(), Next::idle);
  EXPECT_EQ(spout.out.woken_after, 100 * kMillisecond);
  spout.task.clock.advance(100 * kMillisecond);
  EXPECT_EQ(spout.run(), Next::idle);
  EXPECT_EQ(spout.out.take_texts().size(), 2u);
  Rig<TestWordCounter> counter;
  for (const char* word : {"a", "b", "a"}) counter.it.execute(TupleOf({word}, counter.out), counter.out);
  EXPECT_EQ(counter.out.emitted.at(2).values, (Value::List{"a", 2}));
}

}  // namespace
}  // namespace sparse::worker
