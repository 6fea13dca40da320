#include "sparse-cli/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace sparse::cli {
namespace {

/// The words of a choice, `a|b`; none if the value is free.
std::vector<std::string> choices_of(const OptionShape& option) {
  if (option.positional && option.value == "SHELL") return {"bash", "zsh", "fish"};
  std::vector<std::string> choices;
  if (option.value.find('|') == std::string::npos) return choices;
  std::string word;
  for (const char c : option.value + "|") {
    if (c != '|') {
      word += c;
    } else {
      choices.push_back(word);
      word.clear();
    }
  }
  return choices;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator = " ") {
  return fmt::format("{}", fmt::join(words, separator));
}

std::vector<std::string> groups_of(const std::vector<VerbShape>& verbs) {
  std::vector<std::string> groups;
  for (const VerbShape& verb : verbs)
    if (const std::string group = group_of(verb); !group.empty() && std::ranges::find(groups, group) == groups.end())
      groups.push_back(group);
  return groups;
}

/// What may stand first: verbs of one word, groups, help.
std::vector<std::string> names_of(const std::vector<VerbShape>& verbs) {
  std::vector<std::string> names;
  for (const VerbShape& verb : verbs)
    if (group_of(verb).empty()) names.push_back(verb.name);
  for (const std::string& group : groups_of(verbs)) names.push_back(group);
  names.emplace_back("help");
  return names;
}

std::vector<std::string> words_of(const std::vector<VerbShape>& verbs, const std::string& group) {
  std::vector<std::string> words;
  for (const VerbShape& verb : verbs)
    if (group_of(verb) == group) words.push_back(word_of(verb));
  return words;
}

std::vector<std::string> spellings(const OptionShape& option) {
  std::vector<std::string> names;
  if (!option.short_name.empty()) names.push_back(option.short_name);
  if (!option.long_name.empty()) names.push_back(option.long_name);
  return names;
}

/// For single quotes of bash and zsh.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// zsh reads brackets and colons of a description itself.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const OptionShape& option) {
  const std::vector<std::string> choices = choices_of(option);
  if (!choices.empty()) return "(" + joined(choices) + ")";
  return option.value == "FILE" ? "_files" : " ";
}

std::string zsh_option(const OptionShape& option) {
  if (option.positional)
    return fmt::format("{}:{}:{}",
                       option.repeats    ? "*"
                       : option.required ? "1"
                                         : "",
                       zsh_text(option.summary), zsh_action(option));
  const std::vector<std::string> names = spellings(option);
  const std::string value = option.value.empty() ? "" : fmt::format(":{}:{}", zsh_text(option.value), zsh_action(option));
  std::vector<std::string> specs;
  for (const std::string& name : names)
    specs.push_back(quoted(fmt::format("{}{}[{}]{}", option.repeats ? "*" : "", name, zsh_text(option.summary), value)));
  return joined(specs);
}

}  // namespace

std::string bash_completion(const std::vector<VerbShape>& verbs) {
  std::string cases, groups;
  for (const std::string& group : groups_of(verbs))
    groups += fmt::format(
        "    {}) if ((COMP_CWORD == second)); then COMPREPLY=($(compgen -W '{} --help' -- \"$word\")); return; fi\n"
        "      verb+=\" ${{COMP_WORDS[2]}}\" ;;\n",
        group, joined(words_of(verbs, group)));
  for (const VerbShape& verb : verbs) {
    std::vector<std::string> names, words;
    std::string values;
    for (const OptionShape& option : verb.options) {
      const std::vector<std::string> choices = choices_of(option);
      if (option.positional) {
        words.insert(words.end(), choices.begin(), choices.end());
        continue;
      }
      const std::vector<std::string> own = spellings(option);
      names.insert(names.end(), own.begin(), own.end());
      if (option.value.empty()) continue;
      const std::string reply = !choices.empty()         ? fmt::format("$(compgen -W '{}' -- \"$word\")", joined(choices))
                                : option.value == "FILE" ? std::string("$(compgen -f -- \"$word\")")
                                                         : std::string();
      values += fmt::format("        {}) COMPREPLY=({}); return ;;\n", joined(own, "|"), reply);
    }
    const std::string files =
        words.empty() ? "$(compgen -f -- \"$word\")" : fmt::format("$(compgen -W '{}' -- \"$word\")", joined(words));
    cases += fmt::format(
        "    '{}')\n      case $previous in\n{}      esac\n      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W '{}' -- "
        "\"$word\"))\n"
        "      else COMPREPLY=({}); fi ;;\n",
        verb.name, values, joined(names), files);
  }
  return fmt::format(
      "# bash completion of sparse; load it with: source <(sparse completion bash)\n"
      "_sparse() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W '{0} --help --version' -- \"$word\")); return; fi\n"
      "  local verb=${{COMP_WORDS[1]}} second=2\n"
      "  if [[ $verb == help ]]; then verb=${{COMP_WORDS[2]}} second=3; fi\n"
      "  case $verb in\n{2}  esac\n"
      "  case ${{COMP_WORDS[1]}} in help) COMPREPLY=($(compgen -W '{0}' -- \"$word\")); return ;; esac\n"
      "  case $verb in\n{1}  esac\n"
      "}}\n"
      "complete -o filenames -o bashdefault -F _sparse sparse\n",
      joined(names_of(verbs)), cases, groups);
}

std::string zsh_completion(const std::vector<VerbShape>& verbs) {
  std::string described, cases, groups;
  for (const std::string& group : groups_of(verbs)) {
    std::string inner;
    for (const VerbShape& verb : verbs)
      if (group_of(verb) == group) inner += " " + quoted(word_of(verb) + ":" + zsh_text(verb.summary));
    described += fmt::format("    {}\n", quoted(group + ":" + joined(words_of(verbs, group), ", ")));
    groups += fmt::format(
        "    {})\n      local -a inner=({} )\n"
        "      if ((CURRENT == 2)); then _describe verb inner; return; fi\n"
        "      verb+=\" $words[2]\"; shift words; ((CURRENT--)) ;;\n",
        group, inner);
  }
  for (const VerbShape& verb : verbs) {
    if (group_of(verb).empty()) described += fmt::format("    {}\n", quoted(verb.name + ":" + zsh_text(verb.summary)));
    cases += fmt::format("    {}) _arguments", quoted(verb.name));
    for (const OptionShape& option : verb.options)
      cases += " \\\n      " + (option.positional ? quoted(zsh_option(option)) : zsh_option(option));
    cases += " ;;\n";
  }
  return fmt::format(
      "#compdef sparse\n"
      "# zsh completion of sparse; put it into a folder of $fpath as _sparse\n"
      "_sparse() {{\n"
      "  local -a verbs=(\n{}    'help:What a verb does'\n  )\n"
      "  if ((CURRENT == 2)); then _describe verb verbs; return; fi\n"
      "  local verb=$words[2]\n"
      "  shift words; ((CURRENT--))\n"
      "  case $verb in\n{}  esac\n"
      "  case $verb in\n{}    help) _describe verb verbs ;;\n  esac\n"
      "}}\n"
      "if [[ $funcstack[1] == _sparse ]]; then _sparse \"$@\"; else compdef _sparse sparse; fi\n",
      described, groups, cases);
}

std::string fish_completion(const std::vector<VerbShape>& verbs) {
  std::string text =
      "# fish completion of sparse; put it into ~/.config/fish/completions/sparse.fish\n"
      "complete -c sparse -n __fish_use_subcommand -l help -s h -d 'What sparse does'\n"
      "complete -c sparse -n __fish_use_subcommand -l version -d 'The version of sparse'\n";
  const auto fish = [](const std::string& summary) {
    std::string out;
    for (const char c : summary) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return out;
  };
  for (const VerbShape& verb : verbs)
    if (group_of(verb).empty())
      text += fmt::format("complete -c sparse -f -n __fish_use_subcommand -a {} -d '{}'\n", verb.name, fish(verb.summary));
  for (const std::string& group : groups_of(verbs)) {
    const std::string words = joined(words_of(verbs, group));
    text += fmt::format("complete -c sparse -f -n __fish_use_subcommand -a {} -d '{}'\n", group,
                        joined(words_of(verbs, group), ", "));
    for (const VerbShape& verb : verbs)
      if (group_of(verb) == group)
        text += fmt::format(
            "complete -c sparse -f -n '__fish_seen_subcommand_from {}; and not __fish_seen_subcommand_from {}' -a {} -d '{}'\n",
            group, words, word_of(verb), fish(verb.summary));
  }
  text += fmt::format("complete -c sparse -f -n '__fish_seen_subcommand_from help' -a '{}'\n", joined(names_of(verbs)));
  for (const VerbShape& verb : verbs)
    for (const OptionShape& option : verb.options) {
      const std::vector<std::string> choices = choices_of(option);
      const std::string group = group_of(verb).empty() ? "" : fmt::format("__fish_seen_subcommand_from {}; and ", group_of(verb));
      text += fmt::format("complete -c sparse -n '{}__fish_seen_subcommand_from {}'", group, word_of(verb));
      if (!option.long_name.empty()) text += " -l " + option.long_name.substr(2);
      if (!option.short_name.empty()) text += " -s " + option.short_name.substr(1);
      if (!option.positional && !option.value.empty()) text += option.value == "FILE" ? " -r -F" : " -x";
      if (!choices.empty()) text += fmt::format(" {}-a '{}'", option.positional ? "-f " : "", joined(choices));
      text += fmt::format(" -d '{}'\n", fish(option.summary));
    }
  return text;
}

int run_completion(const CompletionArguments& arguments) {
  const std::vector<VerbShape> verbs = verb_shapes();
  const std::string text = arguments.shell == "bash"  ? bash_completion(verbs)
                           : arguments.shell == "zsh" ? zsh_completion(verbs)
                                                      : fish_completion(verbs);
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace sparse::cli
