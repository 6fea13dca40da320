// Tests of the command line: words in, arguments or a reply out.
#include "sparse-cli/command_line.h"

#include <gmock/gmock.h>

namespace sparse::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Reply reply_to(const std::vector<std::string>& words) {
  const auto outcome = parse_command_line(words);
  const Reply* reply = std::get_if<Reply>(&outcome);
  EXPECT_NE(reply, nullptr) << "taken as a command";
  return reply ? *reply : Reply{};
}

template <class T>
T parsed(const std::vector<std::string>& words) {
  const auto outcome = parse_command_line(words);
  if (const Reply* reply = std::get_if<Reply>(&outcome)) {
    ADD_FAILURE() << reply->err << reply->out;
    return {};
  }
  return std::get<T>(std::get<Arguments>(outcome));
}

TEST(CommandLine, ReadsEveryOptionOfRun) {
  const auto run = parsed<RunArguments>(
      {"run", "-t", "2.5",      "-o", "a=1",          "x.yaml", "-o",  "b=2",    "--name",  "wc",      "-a", "0",  "-w",
       "3",   "-d", "--filter", "f",  "--env-filter", "--var",  "k=v", "--json", "--watch", "--loops", "4",  "-n", "stem"});
  EXPECT_EQ(run.file, "x.yaml");
  EXPECT_EQ(run.seconds, 2.5);
  EXPECT_THAT(run.options, ElementsAre("a=1", "b=2"));
  EXPECT_EQ(run.name, "wc");
  EXPECT_EQ(run.pick, "stem");
  EXPECT_EQ(run.ackers, 0u);
  EXPECT_EQ(run.workers, 3u);
  EXPECT_EQ(run.loops, 4);
  EXPECT_THAT(run.filters, ElementsAre("f"));
  EXPECT_THAT(run.variables, ElementsAre("k=v"));
  EXPECT_TRUE(run.env_filter && run.debug && run.json && run.watch);
}

TEST(CommandLine, ReadsTheOptionsOfTheOtherVerbs) {
  const auto validate = parsed<ValidateArguments>({"validate", "a.yaml", "--json", "b.yaml", "-o", "k=v", "--var", "x=y"});
  EXPECT_THAT(validate.files, ElementsAre("a.yaml", "b.yaml"));
  EXPECT_THAT(validate.options, ElementsAre("k=v"));
  EXPECT_TRUE(validate.json && !validate.env_filter);
  const auto visualize = parsed<VisualizeArguments>({"visualize", "a.yaml", "-f", "dot", "-o", "a.dot"});
  EXPECT_EQ(visualize.file + " " + visualize.format + " " + visualize.output, "a.yaml dot a.dot");
  parsed<SchemaArguments>({"schema"});
}

TEST(CommandLine, HelpNamesTheWholeValueOfAnOption) {
  EXPECT_THAT(reply_to({"help", "kafka", "serve"}).out, HasSubstr("--topic TOPIC:PARTITIONS  "));
  EXPECT_THAT(reply_to({"help", "kafka", "produce"}).out, HasSubstr("--brokers HOST:PORT,...  "));
  EXPECT_THAT(reply_to({"help", "run"}).out, HasSubstr("--loops N      "));
  EXPECT_THAT(reply_to({"help", "quickstart"}).out, HasSubstr("--lang python|cpp   "));
}

TEST(CommandLine, ReadsTheVerbsOfKafka) {
  const auto serve = parsed<KafkaServeArguments>({"kafka", "serve", "--topic", "a:1", "--topic", "b:2", "--load", "f:a"});
  EXPECT_THAT(serve.topics, ElementsAre("a:1", "b:2"));
  EXPECT_THAT(serve.loads, ElementsAre("f:a"));
  const auto produce = parsed<KafkaProduceArguments>(
      {"kafka", "produce", "-b", "h:1", "-t", "t", "-K", ":", "--null", "-p", "3", "-X", "a=b", "-X", "c=d", "--timeout", "2.5"});
  EXPECT_EQ(produce.connection.brokers + produce.topic + produce.separator.value_or("none"), "h:1t:");
  EXPECT_THAT(produce.connection.properties, ElementsAre("a=b", "c=d"));
  EXPECT_TRUE(produce.null_values && produce.partition == 3 && produce.connection.timeout == 2.5);
  const auto consume = parsed<KafkaConsumeArguments>(
      {"kafka", "consume", "-b", "h:1", "-t", "t", "-o", "-10", "-e", "-c", "5", "--keys", "--json"});
  EXPECT_EQ(consume.offset, "-10");
  EXPECT_TRUE(consume.stop_at_end && consume.count == 5u && consume.keys && consume.json);
  const auto offsets = parsed<KafkaOffsetsArguments>({"kafka", "offsets", "-n", "wc", "--set", "-5", "-g", "g", "--json"});
  EXPECT_EQ(offsets.pick + offsets.set + offsets.group, "wc-5g");
  EXPECT_TRUE(offsets.json && offsets.connection.brokers.empty());
  const auto replay = parsed<KafkaReplayArguments>({"kafka", "replay", "dead", "-b", "h:1", "--dry-run"});
  EXPECT_EQ(replay.topic + replay.connection.brokers, "deadh:1");
}

TEST(CommandLine, HasDefaults) {
  const auto run = parsed<RunArguments>({"run"});
  EXPECT_EQ(run.file, "");
  EXPECT_FALSE(run.seconds || run.ackers || run.workers || run.loops || run.json || run.watch);
  EXPECT_EQ(parsed<QuickstartArguments>({"quickstart", "wc"}).language, "python");
  EXPECT_EQ(parsed<SdkArguments>({"sdk"}).what, SdkArguments::What::prefix);
  EXPECT_EQ(parsed<SdkArguments>({"sdk", "--python"}).what, SdkArguments::What::python);
}

TEST(CommandLine, TheLastOfRepeatedValuesCounts) { EXPECT_EQ(parsed<RunArguments>({"run", "-t", "1", "-t", "2"}).seconds, 2.0); }

TEST(CommandLine, HelpAndVersionGoToStdout) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{}, "verbs:"},
      {{"-h"}, "verbs:"},
      {{"--help"}, "verbs:"},
      {{"help"}, "verbs:"},
      {{"help", "run"}, "-t, --time SECONDS"},
      {{"run", "--help"}, "examples:"},
      {{"run", "-t", "5", "-h"}, "examples:"},
      {{"--version"}, "sparse "},
      {{"quickstart", "--help"}, "usage: sparse quickstart NAME [options]"},
      {{"kafka"}, "sparse kafka has these verbs"},
      {{"kafka", "--help"}, "kafka consume"},
      {{"kafka", "help"}, "kafka consume"},
      {{"help", "kafka"}, "kafka produce"},
      {{"help", "kafka", "produce"}, "usage: sparse kafka produce [options]"},
      {{"kafka", "help", "produce"}, "usage: sparse kafka produce [options]"},
      {{"kafka", "produce", "-h"}, "-K, --key-separator SEPARATOR"},
      {{"run", "-h"}, "usage: sparse run [FILE] [options]"}};
  for (const auto& [words, text] : cases) {
    const Reply reply = reply_to(words);
    EXPECT_EQ(reply.exit_code, 0);
    EXPECT_THAT(reply.out, HasSubstr(text));
    EXPECT_EQ(reply.err, "");
  }
}

TEST(CommandLine, UsageErrorsSayWhatWasMeant) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"rnu"}, "did you mean \"sparse run\"?"},
      {{"frobnicate"}, "\"sparse --help\" lists the verbs"},
      {{"help", "rnu"}, "did you mean \"sparse run\"?"},
      {{"sbmit"}, "\"submit\" comes with the cluster"},
      {{"submit"}, "comes with the cluster"},
      {{"slot_usage"}, "comes with the cluster"},
      {{"jar"}, "is not needed"},
      {{"x.yaml"}, "sparse run x.yaml"},
      {{"--debug", "run"}, "has to follow a verb"},
      {{"run", "-t", "nan"}, "--time: \"nan\" is no number of seconds from 0 to 1,000,000,000; "},
      {{"run", "--tme", "5"}, "there is no option \"--tme\"; did you mean \"--time\"?"},
      {{"run", "--tme=5"}, "did you mean \"--time\"?"},
      {{"schema", "x"}, "one argument too many"},
      {{"run", "-x"}, "there is no option \"-x\""},
      {{"run", "a.yaml", "b.yaml"}, "\"b.yaml\" is one argument too many"},
      {{"run", "-t"}, "sparse run: --time wants a value: SECONDS; "},
      {{"run", "-t", "abc"}, "--time: \"abc\" is no number of seconds"},
      {{"run", "-t", "-1"}, "--time"},
      {{"run", "--loops", "0"}, "--loops: \"0\" is no whole number from 1 to 1,024; "},
      {{"run", "-w", "many"}, "--workers: \"many\" is no whole number from 0"},
      {{"quickstart"}, "NAME"},
      {{"quickstart", "wc", "--lang", "pyhton"}, "--lang: \"pyhton\" is none of python, cpp (did you mean \"python\"?); "},
      {{"completion", "tcsh"}, "tcsh"},
      {{"kafak"}, "did you mean \"sparse kafka\"?"},
      {{"consume"}, "did you mean \"sparse kafka consume\"?"},
      {{"kafka", "prodcue"}, "did you mean \"sparse kafka produce\"?"},
      {{"kafka", "xyz"}, "it is one of serve"},
      {{"help", "kafka", "srve"}, "did you mean \"sparse kafka serve\"?"},
      {{"kafka", "consume", "-t", "x"}, "--brokers"},
      {{"kafka", "consume", "-b", "x"}, "--topic"},
      {{"kafka", "consume", "-b", "x", "-t", "y", "--jsno"}, "did you mean \"--json\"?"},
      {{"kafka", "consume", "-b", "x", "-t", "y", "-c", "-3"}, "--count: \"-3\" is no whole number from 0 to 1,000"},
      {{"kafka", "consume", "-b", "x", "-t", "y", "--timeout", "nan"}, "\"nan\" is no number of seconds from 0.1 to 86,400"},
      {{"kafka", "consume", "-b", "x", "-t", "y", "lines"}, "\"lines\" is one argument too many; did you mean \"-t lines\"?"},
      {{"kafka", "replay", "-b", "x", "y", "lines"}, "\"lines\" is one argument too many; \"sparse kafka replay --help\""},
      {{"run", "--watch=maybe"}, "sparse run: --watch is on or off, and takes no value; "},
      {{"kafka", "produce", "-b", "x", "-t", "y", "-p", "-1"}, "--partition"},
  };
  for (const auto& [words, text] : cases) {
    const Reply reply = reply_to(words);
    EXPECT_EQ(reply.exit_code, 2) << text;
    EXPECT_THAT(reply.err, HasSubstr(text));
    EXPECT_THAT(reply.err, testing::StartsWith("sparse"));
    EXPECT_EQ(reply.err.back(), '\n');
    EXPECT_EQ(reply.out, "");
  }
}

TEST(CommandLine, EveryVerbHasExamplesAndASummaryForEveryOption) {
  for (const VerbShape& verb : verb_shapes()) {
    EXPECT_THAT(verb.examples, HasSubstr("sparse")) << verb.name;
    EXPECT_FALSE(verb.summary.empty()) << verb.name;
    for (const OptionShape& option : verb.options) EXPECT_FALSE(option.summary.empty()) << verb.name << option.long_name;
    EXPECT_EQ(verb.options.back().long_name, "--help");
  }
}

}  // namespace
}  // namespace sparse::cli
