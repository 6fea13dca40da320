// From the words of a command line to the arguments of one verb. The only seam to CLI11.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sparse-cli/arguments.h"
#include "sparse-cli/kafka/arguments.h"

namespace sparse::cli {

using Arguments = std::variant<RunArguments, ValidateArguments, SchemaArguments, VisualizeArguments, QuickstartArguments,
                               SdkArguments, CompletionArguments, KafkaServeArguments, KafkaProduceArguments,
                               KafkaConsumeArguments, KafkaOffsetsArguments, KafkaReplayArguments>;

/// What to say instead of doing something: help, the version, or what is wrong with the command line.
struct Reply {
  int exit_code = 0;
  std::string out = {};
  std::string err = {};
};

inline constexpr int kUsageError = 2;

/// `words` without the program's name.
std::variant<Arguments, Reply> parse_command_line(const std::vector<std::string>& words);

/// The verbs and their options, as help and completion show them.
struct OptionShape {
  std::string long_name = {};  ///< with its dashes; empty: it has none
  std::string short_name = {};
  std::string value = {};  ///< in capitals, `a|b` for a choice; empty: takes none
  std::string summary = {};
  bool positional = false;  ///< then only `value` names it
  bool required = false;
  bool repeats = false;
};
struct VerbShape {
  std::string name;  ///< two words for a verb of a group, as in `kafka serve`
  std::string summary, examples;
  std::vector<OptionShape> options;
};
std::vector<VerbShape> verb_shapes();

/// `kafka` of `kafka serve`; empty for a verb of one word.
std::string group_of(const VerbShape& verb);
/// `serve` of `kafka serve`.
std::string word_of(const VerbShape& verb);

}  // namespace sparse::cli
