#include "sparse-cli/help_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/nearest.h"

namespace sparse::cli {
namespace {

constexpr std::size_t kTextColumn = 26;

// Verbs that Storm's and streamparse's users know, and that need a cluster.
constexpr std::array<std::string_view, 25> kClusterVerbs = {
    "submit",    "update",        "rollback",   "history",     "list",
    "status",    "stats",         "kill",       "activate",    "deactivate",
    "rebalance", "tail",          "debug",      "doctor",      "up",
    "down",      "nimbus",        "supervisor", "worker",      "ui",
    "logviewer", "worker_uptime", "slot_usage", "remove_logs", "update_virtualenv",
};
constexpr std::array<std::string_view, 2> kJarVerbs = {"jar", "local"};

/// `text` after `head`, in a column of its own, its further lines under the first.
std::string two_columns(const std::string& head, const std::string& text) {
  std::string line = "  " + head;
  line.append(line.size() + 2 > kTextColumn ? 2 : kTextColumn - line.size(), ' ');
  return line + text + "\n";
}

std::string option_head(const OptionShape& option) {
  if (option.positional) return option.value;
  std::string head = option.short_name.empty() ? "    " : option.short_name + (option.long_name.empty() ? "" : ", ");
  head += option.long_name;
  if (!option.value.empty()) head += " " + option.value;
  return head;
}

std::string usage_of(const VerbShape& verb) {
  std::string usage = "sparse " + verb.name;
  for (const OptionShape& option : verb.options) {
    if (!option.positional) continue;
    const std::string name = option.value + (option.repeats ? "..." : "");
    usage += option.required ? " " + name : " [" + name + "]";
  }
  return usage + " [options]";
}

std::string indented(const std::string& text) {
  std::string out = "  ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

}  // namespace

std::string version_number() { return SPARSE_VERSION; }

std::string overview_text(const std::vector<VerbShape>& verbs) {
  std::string text =
      "sparse runs stream-processing topologies.\n\n"
      "  sparse quickstart wc      a new project that counts words\n"
      "  cd wc && sparse run       runs it, in this terminal\n\n"
      "verbs:\n";
  for (const VerbShape& verb : verbs) text += two_columns(verb.name, verb.summary);
  text += "\noptions:\n" + two_columns("-h, --help", "this text; after a verb, what the verb does") +
          two_columns("    --version", "the version of sparse");
  return text + "\n\"sparse help VERB\" and \"sparse VERB --help\" say more about one verb.\n";
}

std::string group_text(const std::string& group, const std::vector<VerbShape>& verbs) {
  std::string text = fmt::format("sparse {} has these verbs:\n\n", group);
  for (const VerbShape& verb : verbs)
    if (group_of(verb) == group) text += two_columns(verb.name, verb.summary);
  return text + fmt::format("\n\"sparse {} VERB --help\" says more about one verb.\n", group);
}

std::string verb_help_text(const VerbShape& verb) {
  std::string text = fmt::format("{}\n\nexamples:\n{}\n\nusage: {}\n", verb.summary, indented(verb.examples), usage_of(verb));
  for (const bool positional : {true, false}) {
    std::string part;
    for (const OptionShape& option : verb.options)
      if (option.positional == positional) part += two_columns(option_head(option), option.summary);
    if (!part.empty()) text += (positional ? "\narguments:\n" : "\noptions:\n") + part;
  }
  return text;
}

std::string unknown_verb_text(const std::string& verb, const std::vector<VerbShape>& verbs) {
  if (std::find(kClusterVerbs.begin(), kClusterVerbs.end(), verb) != kClusterVerbs.end())
    return fmt::format(
        "sparse: \"{}\" comes with the cluster, and this sparse runs topologies on one machine only: \"sparse run FILE\" does "
        "that\n",
        verb);
  if (std::find(kJarVerbs.begin(), kJarVerbs.end(), verb) != kJarVerbs.end())
    return fmt::format("sparse: \"{}\" is not needed: \"sparse run FILE\" runs a topology file as it is, without a jar\n", verb);
  std::vector<std::string> names = {"help"};
  for (const VerbShape& known : verbs) names.push_back(group_of(known).empty() ? known.name : group_of(known));
  std::string meant = nearest(verb, names);
  for (const VerbShape& known : verbs)
    if (word_of(known) == verb) meant = known.name;
  std::string text = fmt::format("sparse: there is no verb \"{}\"", verb);
  if (meant.empty())
    if (const std::string far = nearest(verb, {kClusterVerbs.begin(), kClusterVerbs.end()}); !far.empty())
      return text + fmt::format("; \"{}\" comes with the cluster, and this sparse runs topologies on one machine only\n", far);
  if (!meant.empty()) return text + fmt::format("; did you mean \"sparse {}\"?\n", meant);
  if (verb.ends_with(".yaml") || verb.ends_with(".yml"))
    return text + fmt::format("; to run that topology: sparse run {}\n", verb);
  return text + "; \"sparse --help\" lists the verbs\n";
}

std::string unknown_verb_of_group_text(const std::string& group, const std::string& verb, const std::vector<VerbShape>& verbs) {
  std::vector<std::string> names;
  for (const VerbShape& known : verbs)
    if (group_of(known) == group) names.push_back(word_of(known));
  const std::string meant = nearest(verb, names);
  return fmt::format("sparse {}: there is no verb \"{}\"{}\n", group, verb,
                     meant.empty() ? fmt::format("; it is one of {}", fmt::join(names, ", "))
                                   : fmt::format("; did you mean \"sparse {} {}\"?", group, meant));
}

std::string unknown_option_text(const std::string& option, const VerbShape& verb) {
  const std::string name = option.substr(0, option.find('='));
  std::vector<std::string> names = {"--help"};
  for (const OptionShape& known : verb.options)
    if (!known.long_name.empty()) names.push_back(known.long_name);
  const std::string meant = name.starts_with("-") ? nearest(name, names) : std::string();
  std::string text = name.starts_with("-") ? fmt::format("sparse {}: there is no option \"{}\"", verb.name, name)
                                           : fmt::format("sparse {}: \"{}\" is one argument too many", verb.name, option);
  if (!meant.empty()) return text + fmt::format("; did you mean \"{}\"?\n", meant);
  const auto is_topic = [](const OptionShape& known) { return known.long_name == "--topic" && known.short_name == "-t"; };
  if (!name.starts_with("-") && std::ranges::any_of(verb.options, is_topic) &&
      std::ranges::none_of(verb.options, &OptionShape::positional))
    return text + fmt::format("; did you mean \"-t {}\"?\n", option);
  return text + fmt::format("; \"sparse {} --help\" lists what it takes\n", verb.name);
}

}  // namespace sparse::cli
