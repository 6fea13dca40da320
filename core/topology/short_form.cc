#include "core/topology/short_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/nearest.h"
#include "core/config/scalar.h"
#include "core/config/shell_words.h"
#include "core/config/suggest.h"
#include "core/topology/builtins.h"
#include "core/topology/connections.h"
#include "core/topology/keys.h"
#include "core/topology/values.h"

namespace sparse::topology {
namespace {

using yaml::Node;

/// Reads one component; keys of a wrong shape were reported before, and are passed over.
class Reader {
 public:
  Reader(const Node& node, bool is_spout, const Document& document, Findings& findings)
      : node_(node), document_(document), findings_(findings), subject_(subject_of(node, is_spout)) {
    component_.is_spout = is_spout;
  }

  std::optional<Component> read() {
    const std::size_t before = findings_.errors();
    check_map(node_, keys_of(component_.is_spout ? Form::spout : Form::bolt), subject_, document_, findings_);
    const Node* id = value("id", yaml::Kind::scalar);
    component_.where = where(document_, id ? *id : node_);
    if (id) component_.id = id->text;
    read_implementation();
    read_options();
    read_component_config(node_, component_, document_, findings_);
    read_plain_keys();
    read_retry();
    if (const Node* outputs = node_.find("outputs")) read_outputs(*outputs, component_, document_, findings_);
    if (const Node* inputs = component_.is_spout ? nullptr : node_.find("inputs"))
      read_inputs(*inputs, subject_, component_, document_, findings_);
    if (component_.id.empty()) return std::nullopt;
    component_.half_read = findings_.errors() > before;
    return std::move(component_);
  }

 private:
  const Node* value(std::string_view key, yaml::Kind kind) const {
    const Node* found = node_.find(key);
    return found && found->kind == kind ? found : nullptr;
  }
  void remember_place(std::string_view key) {
    for (const auto& [name, unused] : node_.pairs)
      if (name.text == key) component_.places[std::string(key)] = where(document_, name);
  }

  std::vector<std::string_view> implementation_keys() const {
    std::vector<std::string_view> keys;
    for (const std::string_view key : {"plugin", "python", "command"})
      if (node_.find(key)) keys.push_back(key);
    for (const Builtin& builtin : builtins())
      if (builtin.own_key && builtin.is_spout == component_.is_spout && node_.find(builtin.name)) keys.push_back(builtin.name);
    return keys;
  }

  bool read_implementation() {
    const std::vector<std::string_view> keys = implementation_keys();
    if (keys.size() == 1) return read_implementation(keys.front(), *node_.find(keys.front()));
    if (keys.empty()) {
      report_nothing_to_run();
    } else {
      findings_
          .error("SP1105", component_.where, fmt::format("{} runs two things: \"{}\" and \"{}\"", subject_, keys[0], keys[1]))
          .help.push_back("keep one of them");
    }
    return false;
  }

  void report_nothing_to_run() {
    std::vector<std::string> ways = {"plugin", "python", "command"};
    for (const Builtin& builtin : builtins())
      if (builtin.own_key && builtin.is_spout == component_.is_spout) ways.emplace_back(builtin.name);
    // One of the other kind was reported as misplaced, a mistyped one as unknown.
    for (const Builtin& builtin : builtins())
      if (builtin.own_key && builtin.is_spout != component_.is_spout && node_.find(builtin.name)) return;
    const std::vector<std::string> known = names_of(keys_of(component_.is_spout ? Form::spout : Form::bolt));
    for (const auto& [name, unused] : node_.pairs) {
      const std::string meant = nearest(name.text, known);
      if (meant != name.text && std::find(ways.begin(), ways.end(), meant) != ways.end()) return;
    }
    findings_.error("SP1102", component_.where, fmt::format("{} does not say what it runs", subject_))
        .help.push_back("give it one of the keys " + quoted_list(ways));
  }

  bool read_implementation(std::string_view key, const Node& node) {
    Implementation& runs = component_.runs;
    remember_place(key);
    if (key == "plugin") return node.is_scalar() && read_plugin(node, document_, findings_, runs);
    if (key == "command") {
      runs.kind = Implementation::Kind::command;
      return read_command(node, document_, findings_, runs.argv);
    }
    if (key == "python") {
      runs.kind = Implementation::Kind::python;
      runs.name = node.text;
      const std::size_t dot = node.text.rfind('.');
      if (node.is_scalar() && dot != std::string::npos && dot > 0 && dot + 1 < node.text.size()) return true;
      findings_.error("SP1103", where(document_, node),
                      fmt::format("{}: `python` wants module.Class, found {}", subject_, yaml::describe(node)));
      return false;
    }
    runs.kind = Implementation::Kind::builtin;
    runs.name = key;
    return node.is_map() || node.is_null();
  }

  // `with:` goes to the component as it is; built-ins have options of their own key, too, and all of these are known.
  void read_options() {
    const Node* with = value("with", yaml::Kind::map);
    const bool is_builtin = component_.runs.kind == Implementation::Kind::builtin && !component_.runs.name.empty();
    if (is_builtin) return read_builtin_options(*find_builtin(component_.runs.name, component_.is_spout), with);
    if (with) component_.options = to_map(*with, document_, findings_);
  }

  void read_builtin_options(const Builtin& builtin, const Node* with) {
    const Node* own = value(builtin.name, yaml::Kind::map);
    Node all = own ? *own : Node{.kind = yaml::Kind::map, .begin = {component_.where.line, component_.where.column}};
    if (with) all.pairs.insert(all.pairs.end(), with->pairs.begin(), with->pairs.end());
    const std::string subject = fmt::format("{}: `{}`", subject_, builtin.name);
    const std::size_t before = findings_.errors();
    // What is right of them is checked further, whatever else is wrong.
    for (const Node::Pair* pair : check_map(all, builtin.options, subject, document_, findings_)) {
      const auto& [key, node] = *pair;
      const std::string place = "option." + key.text;
      component_.places[place] = where(document_, node);
      for (const auto& [inner, unused] : node.pairs) component_.places[place + "." + inner.text] = where(document_, inner);
      for (std::size_t i = 0; i < node.items.size(); ++i)
        component_.places[fmt::format("{}.{}", place, i)] = where(document_, node.items[i]);
      if (component_.options.find(key.text))
        findings_.error("SP1105", where(document_, key),
                        fmt::format("{}: \"{}\" is given twice, here and under `{}`", subject_, key.text, builtin.name));
      else
        set_key(component_.options, key.text, value_of(builtin, key.text, node));
    }
    for (const Key& key : builtin.options)
      if (const Node* option = all.find(key.name); option && key.shape == Shape::path)
        set_key(component_.options, key.name, absolute_path(document_.folder, option->text));
    const bool is_whole = findings_.errors() == before;
    if (is_whole && builtin.name == "generate" && !all.find("value") == !all.find("values"))
      findings_.error("SP1105", where(document_, all), fmt::format("{} needs one of the keys \"value\" and \"values\"", subject));
  }

  Value value_of(const Builtin& builtin, std::string_view name, const Node& node) {
    Value value = to_value(node, document_, findings_);
    const auto key = std::ranges::find(builtin.options, name, &Key::name);
    if (key == builtin.options.end() || !value.as<Value::Map>()) return value;
    for (const std::string_view each : key->paths) {
      const Value* path = value.find(each);
      // librdkafka's word for "look in the usual places" is no path.
      if (const auto* text = path ? path->as<std::string>() : nullptr; text && !text->empty() && *text != "probe")
        set_key(value, each, absolute_path(document_.folder, *text));
    }
    return value;
  }

  bool flag(std::string_view key) {
    const Node* node = value(key, yaml::Kind::scalar);
    return node && yaml::classify(*node).boolean;
  }

  void read_plain_keys() {
    if (const Node* node = value("parallelism", yaml::Kind::scalar)) {
      const std::int64_t tasks = yaml::classify(*node).integer;
      if (tasks >= 1 && tasks <= 10'000) component_.parallelism = static_cast<std::uint32_t>(tasks);
      component_.places["parallelism"] = where(document_, *node);
    }
    component_.blocking = flag("blocking");
    component_.pinned = flag("pinned");
    if (const Node* node = value("cwd", yaml::Kind::scalar)) component_.cwd = absolute_path(document_.folder, node->text);
    if (const Node* node = value("dead-letter", yaml::Kind::scalar)) read_dead_letter(*node);
    if (const Node* node = value("isolate", yaml::Kind::scalar)) read_isolate(*node);
    if (const Node* env = value("env", yaml::Kind::map))
      for (const auto& [name, node] : env->pairs)
        read_text(node, fmt::format("{}: the environment variable {}", subject_, name.text), document_, findings_,
                  component_.env[name.text]);
  }

  void read_dead_letter(const Node& node);
  void read_retry();
  void read_isolate(const Node& node);

  const Node& node_;
  const Document& document_;
  Findings& findings_;
  std::string subject_;
  Component component_;
};

// `100ms`, `10s`, `2m`; -1 if it is none.
std::int64_t milliseconds(std::string_view text) {
  std::int64_t amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (error != std::errc() || amount < 0 || amount > 86'400'000) return -1;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  return unit == "ms" ? amount : unit == "s" ? amount * 1000 : unit == "m" ? amount * 60'000 : -1;
}

void Reader::read_dead_letter(const Node& node) {
  component_.places["dead-letter"] = where(document_, node);
  // Kafka's dead letters go to a topic.
  if (component_.runs.kind != Implementation::Kind::builtin || component_.runs.name != "kafka") {
    component_.dead_letter = node.text;
  } else if (const auto inner = component_.places.find("option.dead-letter"); inner != component_.places.end()) {
    Diagnostic& twice = findings_.error("SP1105", where(document_, node),
                                        fmt::format("{}: \"dead-letter\" is given twice, here and under `kafka`", subject_));
    twice.related.push_back({inner->second.file, inner->second.line, inner->second.column, "the other one"});
    twice.help.emplace_back("keep one of them");
  } else {
    set_key(component_.options, "dead-letter", node.text);
  }
}

void Reader::read_retry() {
  const Node* node = component_.is_spout ? value("retry", yaml::Kind::map) : nullptr;
  if (!node) return;
  check_map(*node, keys_of(Form::retry), fmt::format("{}: `retry`", subject_), document_, findings_);
  remember_place("retry");
  Retry retry;
  if (const Node* limit = node->find("limit")) {
    component_.places["retry.limit"] = where(document_, *limit);
    retry.limit = limit->text == "forever" ? -1 : yaml::classify(*limit).integer;
  }
  if (const Node* delay = node->find("delay"); delay && delay->is_scalar()) {
    const std::string_view text = delay->text;
    const std::size_t dots = text.find("..");
    retry.delay_min_ms = milliseconds(text.substr(0, dots));
    retry.delay_max_ms = dots == text.npos ? retry.delay_min_ms : milliseconds(text.substr(dots + 2));
    if (retry.delay_min_ms < 0 || retry.delay_max_ms < retry.delay_min_ms)
      findings_.error("SP1103", where(document_, *delay), fmt::format("{}: \"{}\" is no delay", subject_, text))
          .help.push_back("write the first and the longest pause, as in 100ms..10s (ms, s or m, a day at most)");
  }
  component_.retry = retry;
}

void Reader::read_isolate(const Node& node) {
  if (node.text == "none") return;
  const auto refuse = [&](std::string_view why) -> auto& {
    return findings_.error("SP1103", where(document_, node), fmt::format("{}: `isolate` {}", subject_, why));
  };
  if (node.text != "process") {
    refuse("is `process` or `none`").label = did_you_mean(node.text, {"process", "none"});
  } else if (component_.is_spout) {
    refuse("is for bolts: a spout of a plugin runs in its worker").help.push_back("leave `isolate` out");
  } else if (component_.runs.kind != Implementation::Kind::plugin) {
    refuse("is for plugins").help.push_back("leave it out: `command` and `python` run as processes anyway, built-ins never do");
  } else {
    set_key(component_.config, kIsolateKey, "process");
  }
}

}  // namespace

std::string subject_of(const Node& node, bool is_spout) {
  const Node* id = node.find("id");
  const std::string_view kind = is_spout ? "spout" : "bolt";
  return id && id->is_scalar() ? fmt::format("{} \"{}\"", kind, id->text.substr(0, 128)) : std::string(kind);
}

bool read_plugin(const Node& node, const Document& document, Findings& findings, Implementation& implementation) {
  std::string text;
  if (!read_text(node, "a plugin", document, findings, text)) return false;
  const std::size_t slash = text.rfind('/');
  implementation.kind = Implementation::Kind::plugin;
  if (slash != std::string::npos && slash + 1 < text.size() && text.substr(0, slash).ends_with(".so")) {
    implementation.file = absolute_path(document.folder, text.substr(0, slash));
    implementation.name = text.substr(slash + 1);
    return true;
  }
  findings.error("SP1103", where(document, node), fmt::format("\"{}\" names no component of a plugin", text))
      .help.push_back("write FILE.so/NAME, as in wordcount.so/Count");
  return false;
}

bool read_command(const Node& node, const Document& document, Findings& findings, std::vector<std::string>& argv) {
  if (node.is_sequence()) return read_text_list(node, "an argument of `command`", document, findings, argv) && !argv.empty();
  std::string line;
  if (!read_text(node, "`command`", document, findings, line)) return false;
  Result<std::vector<std::string>> words = shell_words(line);
  if (words) {
    argv = std::move(*words);
    return true;
  }
  findings.error("SP1103", where(document, node),
                 fmt::format("this command cannot be split into arguments: {}", words.error().message));
  return false;
}

void read_component_config(const Node& node, Component& component, const Document& document, Findings& findings) {
  const Node* config = node.find("config");
  if (!config || !config->is_map()) return;
  auto& pairs = *component.config.as<Value::Map>();
  for (const auto& [key, value] : config->pairs) {
    if (key.text.starts_with("x-")) continue;
    pairs.emplace_back(key.text, to_value(value, document, findings));
    component.places["config." + key.text] = where(document, value);
    component.places["config-key." + key.text] = where(document, key);
  }
}

std::optional<Component> read_short_form(const Node& node, bool is_spout, const Document& document, Findings& findings) {
  return Reader(node, is_spout, document, findings).read();
}

}  // namespace sparse::topology
