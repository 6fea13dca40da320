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
      {{"run", "--tme", "5"}, "there is no option \"--tme\"; did you mean \"--time\"?"},
      {{"run", "--tme=5"}, "did you mean \"--time\"?"},
      {{"schema", "x"}, "one argument too many"},
      {{"run", "-x"}, "there is no option \"-x\""},
      {{"run", "a.yaml", "b.yaml"}, "\"b.yaml\" is one argument too many"},
      {{"run", "-t"}, "--time"},
      {{"run", "-t", "abc"}, "abc"},
      {{"run", "-t", "-1"}, "--time"},
      {{"run", "--loops", "0"}, "--loops"},
      {{"run", "-w", "many"}, "many"},
      {{"quickstart"}, "NAME"},
      {{"quickstart", "wc", "--lang", "java"}, "java"},
      {{"completion", "tcsh"}, "tcsh"},
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
