#include "sparse-cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "sparse-cli/help_text.h"
#include "sparse-cli/kafka/options.h"
#include "sparse-cli/option_checks.h"

namespace sparse::cli {
namespace {

/// `${…}` in topology files, for the verbs that read them.
template <class T>
void add_substitution(CLI::App& app, T& arguments) {
  app.add_option("--filter", arguments.filters, "a file of properties, for ${name} in the topology file; may be repeated")
      ->type_name("FILE");
  app.add_flag("--env-filter", arguments.env_filter, "substitute ${ENV-NAME} by the environment");
  app.add_option("--var", arguments.variables, "a value for ${KEY}; may be repeated")->type_name("KEY=VALUE");
}

constexpr std::uint64_t kMostCount = 1'000'000;

void add_run(CLI::App& app, RunArguments& run) {
  app.add_option("FILE", run.file, "the topology file; by default the only one here, or in topologies/");
  app.add_option("-n", run.pick,
                 "without FILE: the topology NAME: a NAME.yaml here or in topologies/, or a file with that name in it")
      ->type_name("NAME");
  app.add_option("--name", run.name, "run it under another name")->type_name("NAME");
  app.add_option("-t,--time", run.seconds, "drain and end after this time; 0: run until it ends by itself")
      ->type_name("SECONDS")
      ->check(seconds_between(0, 1e9));
  app.add_option("-o,--option", run.options, "set a key of the configuration; the value is YAML; may be repeated")
      ->type_name("KEY=VALUE");
  app.add_option("-a,--ackers", run.ackers, "topology.acker.executors; 0 turns the tracking of tuples off")
      ->type_name("N")
      ->check(whole_number(0, kMostCount));
  app.add_option("-w,--workers", run.workers, "topology.workers; \"run\" has one process, and says so")
      ->type_name("N")
      ->check(whole_number(0, kMostCount));
  app.add_option("--loops", run.loops, "threads that step tasks; by default one a core")
      ->type_name("N")
      ->check(whole_number(1, 1024));
  app.add_flag("-d,--debug", run.debug, "topology.debug, and log lines of level debug");
  add_substitution(app, run);
  app.add_flag("--json", run.json, "the summary as one JSON object, the last line on stdout");
  app.add_flag("--watch", run.watch, "start again when the topology file, its plugins or Python files change");
}

void add_validate(CLI::App& app, ValidateArguments& validate) {
  app.add_option("FILE", validate.files, "topology files; by default the only one here, or in topologies/");
  app.add_flag("--json", validate.json, "one object a line and file: findings, and the resolved topology");
  app.add_option("-o,--option", validate.options, "set a key of the configuration; the value is YAML; may be repeated")
      ->type_name("KEY=VALUE");
  add_substitution(app, validate);
}

void add_schema(CLI::App&, SchemaArguments&) {}

void add_visualize(CLI::App& app, VisualizeArguments& visualize) {
  app.add_option("FILE", visualize.file, "the topology file; by default the only one here, or in topologies/");
  app.add_option("-f,--format", visualize.format, "by default mermaid")->type_name("mermaid|dot|json");
  app.add_option("-o,--output_file", visualize.output, "where to write it; by default standard output")->type_name("FILE");
  add_substitution(app, visualize);
}

void add_quickstart(CLI::App& app, QuickstartArguments& quickstart) {
  app.add_option("NAME", quickstart.name, "the folder to create, and the name of the topology")->required();
  app.add_option("--lang", quickstart.language, "the language of its components; by default python")
      ->type_name("python|cpp")
      ->check(one_of({"python", "cpp"}));
}

void add_sdk(CLI::App& app, SdkArguments& sdk) {
  using What = SdkArguments::What;
  const auto flag = [&](const char* name, What what, const char* summary) {
    app.add_flag_callback(name, [&sdk, what] { sdk.what = what; }, summary);
  };
  flag("--prefix", What::prefix, "where sparse is installed, for CMAKE_PREFIX_PATH; the default");
  flag("--include", What::include, "the folder of <sparse/sdk.h>");
  flag("--python", What::python, "the folder of the Python package sparse_stream, for PYTHONPATH");
  flag("--version", What::version, "the version of the SDK");
}

void add_completion(CLI::App& app, CompletionArguments& completion) {
  app.add_option("SHELL", completion.shell, "bash, zsh or fish")->required()->check(one_of({"bash", "zsh", "fish"}));
}

/// A verb, and how to declare its options on an app that fills the alternative of `Arguments`.
struct Verb {
  const char* name;
  const char* summary;
  const char* examples;
  void (*declare)(CLI::App&, Arguments&);
};

template <class T, void (*add)(CLI::App&, T&)>
void declare(CLI::App& app, Arguments& arguments) {
  add(app, arguments.emplace<T>());
}

constexpr Verb kVerbs[] = {
    {"run", "Runs a topology in this process: until it ends by itself, or Ctrl-C drains it.",
     "sparse run                          the only topology here, or in topologies/\n"
     "sparse run wordcount.yaml -t 30     for 30 seconds\n"
     "sparse run -o topology.max.spout.pending=500 --json\n"
     "printf 'a b\\na\\n' | sparse run words.yaml",
     declare<RunArguments, add_run>},
    {"validate", "Checks topology files: all that is wrong in them, with places and proposals.",
     "sparse validate                     the only topology here, or in topologies/\n"
     "sparse validate topologies/*.yaml\n"
     "sparse validate wordcount.yaml --json",
     declare<ValidateArguments, add_validate>},
    {"schema", "Prints the JSON Schema of topology files, for editors.", "sparse schema > topology.schema.json",
     declare<SchemaArguments, add_schema>},
    {"visualize", "Draws a topology: Mermaid for Markdown, DOT for Graphviz, or JSON.",
     "sparse visualize                    the only topology here, or in topologies/\n"
     "sparse visualize wordcount.yaml -f dot | dot -Tsvg > wordcount.svg",
     declare<VisualizeArguments, add_visualize>},
    {"quickstart", "Creates a project that counts words, ready to run.",
     "sparse quickstart wc                in Python\n"
     "sparse quickstart wc --lang cpp     as a C++ plugin",
     declare<QuickstartArguments, add_quickstart>},
    {"sdk", "Says where the SDK is, for building plugins.",
     "cmake -B build -DCMAKE_PREFIX_PATH=$(sparse sdk --prefix)\n"
     "g++ -std=c++20 -shared -fPIC -I$(sparse sdk --include) -o count.so count.cc",
     declare<SdkArguments, add_sdk>},
    {"completion", "Prints the completion of this command for a shell.",
     "source <(sparse completion bash)\n"
     "sparse completion zsh > ~/.zfunc/_sparse\n"
     "sparse completion fish > ~/.config/fish/completions/sparse.fish",
     declare<CompletionArguments, add_completion>},
    {"kafka serve", "Serves an embedded Kafka broker, in memory, for demos; prints its address.",
     "sparse kafka serve\n"
     "sparse kafka serve --topic lines:4 --load shakespeare.txt:lines",
     declare<KafkaServeArguments, add_kafka_serve>},
    {"kafka produce", "Writes lines of stdin to a Kafka topic.",
     "sparse kafka produce -b localhost:9092 -t lines < shakespeare.txt\n"
     "echo 'berlin:21.5' | sparse kafka produce -b localhost:9092 -t weather -K :\n"
     "sparse kafka produce -b kafka:9093 -t lines --properties client.properties",
     declare<KafkaProduceArguments, add_kafka_produce>},
    {"kafka consume", "Prints the messages of a Kafka topic, and waits for more.",
     "sparse kafka consume -b localhost:9092 -t counts\n"
     "sparse kafka consume -b localhost:9092 -t counts -o -10 -e --keys    the last ten of each partition\n"
     "sparse kafka consume -b localhost:9092 -t lines -o @-1h --json | jq .value",
     declare<KafkaConsumeArguments, add_kafka_consume>},
    {"kafka offsets", "Shows how far a group has come in its topics; sets its offsets.",
     "sparse kafka offsets                the topology's spouts, as its file names them\n"
     "sparse kafka offsets -n wordcount --set @-1h\n"
     "sparse kafka offsets -b localhost:9092 -g billing -t orders --json",
     declare<KafkaOffsetsArguments, add_kafka_offsets>},
    {"kafka replay", "Sends dead letters back to the topics that they came from.",
     "sparse kafka replay lines-dead -b localhost:9092 --dry-run\n"
     "sparse kafka replay lines-dead -b localhost:9092",
     declare<KafkaReplayArguments, add_kafka_replay>},
};

/// The rules that all verbs share.
std::unique_ptr<CLI::App> make_app(const Verb& verb, Arguments& arguments) {
  auto app = std::make_unique<CLI::App>(verb.summary, verb.name);
  app->set_help_flag("-h,--help", "this text");
  app->allow_extras();  // reported with a proposal
  verb.declare(*app, arguments);
  for (CLI::Option* option : app->get_options()) {
    const bool several = option->get_items_expected_max() > 1;
    option->multi_option_policy(several ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast);
    if (several && !option->get_positional()) option->allow_extra_args(false);
  }
  return app;
}

/// CLI11 appends what its checks say: "N:INT in [1 - 1024]", "python|cpp:{python,cpp}". "HOST:PORT" is a name as a whole.
std::string without_checks(const std::string& type) {
  const std::size_t colon = type.rfind(':');
  return colon != type.npos && type.find_first_of(" {", colon) != type.npos ? type.substr(0, colon) : type;
}

VerbShape shape_of(const Verb& verb) {
  Arguments arguments;
  const auto app = make_app(verb, arguments);
  VerbShape shape{.name = verb.name, .summary = verb.summary, .examples = verb.examples, .options = {}};
  for (const CLI::Option* option : app->get_options()) {
    OptionShape one{.summary = option->get_description()};
    one.positional = option->get_positional();
    one.required = option->get_required();
    one.repeats = option->get_items_expected_max() > 1;
    if (!option->get_lnames().empty()) one.long_name = "--" + option->get_lnames().front();
    if (!option->get_snames().empty()) one.short_name = "-" + option->get_snames().front();
    if (one.positional)
      one.value = option->get_name();
    else if (option->get_items_expected_max() > 0)
      one.value = without_checks(option->get_type_name());
    shape.options.push_back(std::move(one));
  }
  // Help is declared first, but people look for it last.
  std::rotate(shape.options.begin(), shape.options.begin() + 1, shape.options.end());
  return shape;
}

const Verb* find_verb(const std::string& name) {
  const auto found = std::find_if(std::begin(kVerbs), std::end(kVerbs), [&](const Verb& verb) { return name == verb.name; });
  return found == std::end(kVerbs) ? nullptr : found;
}

bool is_group(const std::string& name) {
  return std::any_of(std::begin(kVerbs), std::end(kVerbs),
                     [&](const Verb& verb) { return std::string(verb.name).starts_with(name + " "); });
}

Reply usage_error(std::string text) { return {.exit_code = kUsageError, .out = {}, .err = std::move(text)}; }

/// `words` begin with the group.
Reply help_for_group(const std::vector<std::string>& words) {
  if (words.size() < 2) return {.out = group_text(words[0], verb_shapes())};
  if (const Verb* verb = find_verb(words[0] + " " + words[1])) return {.out = verb_help_text(shape_of(*verb))};
  return usage_error(unknown_verb_of_group_text(words[0], words[1], verb_shapes()));
}

Reply help_for(const std::vector<std::string>& words) {
  if (words.size() < 2) return {.out = overview_text(verb_shapes())};
  if (const Verb* verb = find_verb(words[1])) return {.out = verb_help_text(shape_of(*verb))};
  if (is_group(words[1])) return help_for_group({words.begin() + 1, words.end()});
  if (words[1] == "help") return {.out = overview_text(verb_shapes())};
  return usage_error(unknown_verb_text(words[1], verb_shapes()));
}

std::variant<Arguments, Reply> parse_verb(const Verb& verb, std::vector<std::string> words) {
  Arguments arguments;
  const auto app = make_app(verb, arguments);
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 takes them
    app->parse(words);
  } catch (const CLI::CallForHelp&) {
    return Reply{.out = verb_help_text(shape_of(verb))};
  } catch (const CLI::ParseError& error) {
    return usage_error(fmt::format("sparse {}: {}; \"sparse {} --help\" says more\n", verb.name,
                                   usage_error_text(error.get_name(), error.what()), verb.name));
  }
  const std::vector<std::string> extras = app->remaining();
  if (!extras.empty()) return usage_error(unknown_option_text(extras.front(), shape_of(verb)));
  return arguments;
}

}  // namespace

std::string group_of(const VerbShape& verb) {
  const std::size_t space = verb.name.find(' ');
  return space == std::string::npos ? "" : verb.name.substr(0, space);
}

std::string word_of(const VerbShape& verb) { return verb.name.substr(verb.name.find(' ') + 1); }

std::vector<VerbShape> verb_shapes() {
  std::vector<VerbShape> shapes;
  for (const Verb& verb : kVerbs) shapes.push_back(shape_of(verb));
  return shapes;
}

std::variant<Arguments, Reply> parse_command_line(const std::vector<std::string>& words) {
  if (words.empty() || words[0] == "-h" || words[0] == "--help") return Reply{.out = overview_text(verb_shapes())};
  if (words[0] == "--version") return Reply{.out = fmt::format("sparse {}\n", version_number())};
  if (words[0] == "help") return help_for(words);
  if (const Verb* verb = find_verb(words[0])) return parse_verb(*verb, {words.begin() + 1, words.end()});
  if (is_group(words[0])) {
    if (words.size() < 2 || words[1] == "-h" || words[1] == "--help") return help_for_group({words[0]});
    if (words[1] == "help" && words.size() == 2) return help_for_group({words[0]});
    if (words[1] == "help") return help_for_group({words[0], words[2]});
    if (const Verb* verb = find_verb(words[0] + " " + words[1])) return parse_verb(*verb, {words.begin() + 2, words.end()});
    return help_for_group(words);
  }
  if (words[0].starts_with("-"))
    return usage_error(fmt::format(
        "sparse: \"{}\" has to follow a verb, as in \"sparse run {}\"; \"sparse --help\" lists the verbs\n", words[0], words[0]));
  return usage_error(unknown_verb_text(words[0], verb_shapes()));
}

}  // namespace sparse::cli
