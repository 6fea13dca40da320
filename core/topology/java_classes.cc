#include "core/topology/java_classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <tuple>

namespace sparse::topology {
namespace {

constexpr std::size_t kMostListed = 100;

struct Known {
  std::string_view name;
  JavaCounterpart counterpart;
};

constexpr std::array kKnown = {
    Known{"org.apache.storm.flux.wrappers.spouts.FluxShellSpout", {JavaKind::shell_spout}},
    Known{"org.apache.storm.flux.wrappers.bolts.FluxShellBolt", {JavaKind::shell_bolt}},
    Known{"org.apache.storm.testing.TestWordSpout", {JavaKind::builtin, "test_word_spout", true}},
    Known{"org.apache.storm.testing.TestWordCounter", {JavaKind::builtin, "test_word_counter", false}},
    Known{"org.apache.storm.flux.wrappers.bolts.LogInfoBolt", {JavaKind::builtin, "log", false}},
    Known{"org.apache.storm.flux.examples.LogInfoBolt", {JavaKind::builtin, "log", false}},
    Known{"org.apache.storm.grouping.PartialKeyGrouping", {JavaKind::partial_key}},
    Known{"org.apache.storm.tuple.Fields", {JavaKind::list}},
    Known{"java.util.ArrayList", {JavaKind::list}},
    Known{"java.util.LinkedList", {JavaKind::list}},
    Known{"java.lang.String", {JavaKind::text}},
};

/// What to use instead of classes whose names contain a word; the first that fits.
struct Advice {
  std::string_view word;
  std::string_view classes;
  std::string_view text;
};

constexpr std::array kAdvice = {
    Advice{".kafka.", "Kafka's", "the built-in spout and bolt `kafka`"},
    Advice{"ShellBolt", "a shell bolt", "`command: [python3, script.py]`, or org.apache.storm.flux.wrappers.bolts.FluxShellBolt"},
    Advice{"ShellSpout", "a shell spout",
           "`command: [python3, script.py]`, or org.apache.storm.flux.wrappers.spouts.FluxShellSpout"},
    Advice{".hdfs.", "those for HDFS", "the built-in bolt `file`, or a `python:` bolt with a client library"},
    Advice{"LogInfo", "a logging bolt", "the built-in bolt `log`"},
    Advice{"RandomSentence", "a spout of sentences", "the built-in spout `generate`, which emits given values"},
    Advice{"", "your own",
           "`python: module.Class`, `command: [program, …]` in any language with Storm's multi-lang protocol, or `plugin: "
           "FILE.so/NAME` "
           "in C++"},
};

std::string current_name(std::string_view name) {
  constexpr std::string_view old_package = "backtype.storm.";
  return name.starts_with(old_package) ? "org.apache.storm." + std::string(name.substr(old_package.size())) : std::string(name);
}

std::string_view advice_for(std::string_view name) {
  return std::find_if(kAdvice.begin(), kAdvice.end(), [&](const Advice& advice) { return name.find(advice.word) != name.npos; })
      ->text;
}

}  // namespace

JavaCounterpart counterpart_of(std::string_view class_name) {
  const std::string name = current_name(class_name);
  const auto found = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& known) { return known.name == name; });
  return found == kKnown.end() ? JavaCounterpart{} : found->counterpart;
}

void report_java(std::vector<JavaUse> uses, Findings& findings) {
  if (uses.empty()) return;
  std::stable_sort(uses.begin(), uses.end(), [](const JavaUse& a, const JavaUse& b) {
    return std::tie(a.where.file, a.where.line, a.where.column) < std::tie(b.where.file, b.where.line, b.where.column);
  });
  const std::string what = uses.size() == 1 ? fmt::format("the Java class {} cannot run here", uses.front().class_name)
                                            : fmt::format("{} Java classes cannot run here", uses.size());
  Diagnostic& error = findings.error("SP1401", uses.front().where, what + ": sparse has no Java virtual machine");
  std::vector<std::string_view> advice;
  if (uses.size() > kMostListed) error.notes.push_back(fmt::format("the first {} are listed", kMostListed));
  for (const JavaUse& use : std::span(uses).first(std::min(uses.size(), kMostListed))) {
    error.related.push_back(
        {use.where.file, use.where.line, use.where.column, fmt::format("{} uses {}", use.user, use.class_name)});
    const std::string_view text = advice_for(use.class_name);
    if (std::find(advice.begin(), advice.end(), text) == advice.end()) advice.push_back(text);
  }
  for (const Advice& known : kAdvice)
    if (std::find(advice.begin(), advice.end(), known.text) != advice.end())
      error.help.push_back(fmt::format("instead of {}: {}", known.classes, known.text));
}

}  // namespace sparse::topology
