// Tests of the completion scripts; whether the shells take them is tested end to end.
#include "sparse-cli/completion.h"

#include <gmock/gmock.h>

namespace sparse::cli {
namespace {

TEST(Completion, KnowsEveryVerbAndOption) {
  const std::vector<VerbShape> verbs = verb_shapes();
  const std::string bash = bash_completion(verbs), zsh = zsh_completion(verbs), fish = fish_completion(verbs);
  for (const VerbShape& verb : verbs) {
    for (const std::string& script : {bash, zsh, fish}) EXPECT_THAT(script, testing::HasSubstr(word_of(verb)));
    EXPECT_THAT(bash, testing::HasSubstr("'" + verb.name + "')"));
    EXPECT_THAT(zsh, testing::HasSubstr("'" + verb.name + "')"));
    for (const OptionShape& option : verb.options) {
      if (option.long_name.empty()) continue;
      EXPECT_THAT(bash, testing::HasSubstr(option.long_name));
      EXPECT_THAT(zsh, testing::HasSubstr(option.long_name));
      EXPECT_THAT(fish, testing::HasSubstr("-l " + option.long_name.substr(2)));
    }
  }
}

TEST(Completion, ProposesTheWordsOfAChoice) {
  const std::vector<VerbShape> verbs = {
      {.name = "pick",
       .summary = "it's",
       .examples = "",
       .options = {{.long_name = "--lang", .value = "python|cpp", .summary = "the [language]: one"},
                   {.long_name = "--at", .value = "HOST:PORT", .summary = "where"}}}};
  EXPECT_THAT(bash_completion(verbs), testing::HasSubstr("--lang) COMPREPLY=($(compgen -W 'python cpp' -- \"$word\"))"));
  EXPECT_THAT(zsh_completion(verbs), testing::HasSubstr("'--lang[the \\[language\\]\\: one]:python|cpp:(python cpp)'"));
  EXPECT_THAT(zsh_completion(verbs), testing::HasSubstr("'--at[where]:HOST\\:PORT: '"));
  EXPECT_THAT(zsh_completion(verbs), testing::HasSubstr("'pick:it'\\''s'"));
  EXPECT_THAT(fish_completion(verbs), testing::HasSubstr("-l lang -x -a 'python cpp'"));
  EXPECT_THAT(fish_completion(verbs), testing::HasSubstr("-d 'it\\'s'"));
}

TEST(Completion, KnowsTheVerbsOfAGroup) {
  const std::vector<VerbShape> verbs = {{.name = "fly", .summary = "flies", .examples = "", .options = {}},
                                        {.name = "box open", .summary = "opens", .examples = "", .options = {}},
                                        {.name = "box shut",
                                         .summary = "shuts",
                                         .examples = "",
                                         .options = {{.long_name = "--gently", .summary = "without noise"}}}};
  EXPECT_THAT(bash_completion(verbs), testing::HasSubstr("compgen -W 'fly box help --help --version'"));
  EXPECT_THAT(bash_completion(verbs), testing::HasSubstr("compgen -W 'open shut --help'"));
  EXPECT_THAT(zsh_completion(verbs), testing::HasSubstr("inner=( 'open:opens' 'shut:shuts' )"));
  EXPECT_THAT(fish_completion(verbs),
              testing::HasSubstr("'__fish_seen_subcommand_from box; and __fish_seen_subcommand_from shut' -l gently"));
}

}  // namespace
}  // namespace sparse::cli
