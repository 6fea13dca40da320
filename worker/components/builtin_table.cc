// The table of built-ins.
#include "worker/components/builtin_table.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/nearest.h"
#include "worker/components/file_bolt.h"
#include "worker/components/file_spout.h"
#include "worker/components/follow_spout.h"
#include "worker/components/generate_spout.h"
#include "worker/components/plain_bolts.h"
#include "worker/components/print_bolt.h"
#include "worker/components/stdin_spout.h"
#include "worker/components/test_words.h"

namespace sparse::worker {
namespace {

std::string role(bool is_spout) { return is_spout ? "spout" : "bolt"; }

/// A sentence if an option is unknown or lacking.
std::string wrong_option(const Builtin& builtin, const Value& options) {
  if (const auto* given = options.as<Value::Map>())
    for (const auto& [name, value] : *given) {
      if (std::find(builtin.options.begin(), builtin.options.end(), name) != builtin.options.end()) continue;
      if (builtin.options.empty())
        return fmt::format("the {} {} has no option \"{}\": it takes none", builtin.key, role(builtin.is_spout), name);
      const std::string meant = nearest(name, builtin.options);
      return fmt::format("the {} {} has no option \"{}\": {}", builtin.key, role(builtin.is_spout), name,
                         meant.empty() ? fmt::format("it takes {}", fmt::join(builtin.options, ", "))
                                       : fmt::format("did you mean \"{}\"?", meant));
    }
  for (const std::string& name : builtin.required)
    if (const Value* value = options.find(name); !value || value->is_null())
      return fmt::format("the {} {} needs the option \"{}\"", builtin.key, role(builtin.is_spout), name);
  return {};
}

/// Fields of `generate`: as `fields` says, else as the topology file says, else one field `value`.
std::vector<std::string> generated_fields(const topology::Component& component) {
  std::vector<std::string> fields;
  if (const Value* names = component.options.find("fields"))
    if (const auto* list = names->as<Value::List>())
      for (const Value& name : *list)
        if (const auto* text = name.as<std::string>()) fields.push_back(*text);
  if (!fields.empty()) return fields;
  if (const topology::Stream* stream = topology::find_stream(component, "default")) return stream->fields;
  return {"value"};
}

/// A sentence if a generated tuple would not have as many values as the stream has fields.
std::string wrong_width(const topology::Component& component, std::size_t width) {
  Value::List rows;
  if (const Value* one = component.options.find("value")) rows.push_back(*one);
  if (const Value* several = component.options.find("values"))
    if (const auto* list = several->as<Value::List>()) rows.insert(rows.end(), list->begin(), list->end());
  for (const Value& row : rows) {
    const auto* list = row.as<Value::List>();
    const std::size_t found = list ? list->size() : 1;
    if (found != width)
      return fmt::format("the generate spout has a tuple of {} values for {} fields: name them all by fields: [...]", found,
                         width);
  }
  return {};
}

bool follows(const topology::Component& component) {
  const Value* follow = component.options.find("follow");
  return follow && follow->as<bool>() && *follow->as<bool>();
}

Error at(const topology::Component& component, std::string_view sentence) {
  return Error{fmt::format("component \"{}\": {}", component.id, sentence)};
}

Error no_builtin(const topology::Component& component) {
  std::vector<std::string> known;
  for (const Builtin& builtin : builtins())
    if (builtin.is_spout == component.is_spout) known.push_back(builtin.key);
  const std::string meant = nearest(component.runs.name, known);
  return at(component, fmt::format("there is no built-in {} \"{}\"; {}", role(component.is_spout), component.runs.name,
                                   meant.empty() ? fmt::format("there are {}", fmt::join(known, ", "))
                                                 : fmt::format("did you mean \"{}\"?", meant)));
}

}  // namespace

const std::vector<Builtin>& builtins() {
  static const std::vector<Builtin> table = {
      {.key = "file", .is_spout = true, .outputs = {"line"}, .options = {"path", "repeat", "follow"}, .required = {"path"}},
      {.key = "stdin", .is_spout = true, .outputs = {"line"}},
      {.key = "generate", .is_spout = true, .outputs = {"value"}, .options = {"value", "values", "count", "rate", "fields"}},
      {.key = "test_word_spout", .is_spout = true, .outputs = {"word"}},
      {.key = "print"},
      {.key = "log"},
      {.key = "file", .options = {"path", "format"}, .required = {"path"}},
      {.key = "discard"},
      {.key = "test_word_counter", .outputs = {"word", "count"}},
  };
  return table;
}

const Builtin* find_builtin(std::string_view key, bool is_spout) {
  for (const Builtin& builtin : builtins())
    if (builtin.key == key && builtin.is_spout == is_spout) return &builtin;
  return nullptr;
}

Result<ComponentSpec> describe_builtin(const topology::Component& component) {
  const Builtin* builtin = find_builtin(component.runs.name, component.is_spout);
  if (!builtin) return no_builtin(component);
  if (const std::string wrong = wrong_option(*builtin, component.options); !wrong.empty()) return at(component, wrong);
  ComponentSpec spec{.outputs = builtin->outputs};
  if (builtin->key == "generate") {
    spec.outputs = generated_fields(component);
    if (const std::string wrong = wrong_width(component, spec.outputs.size()); !wrong.empty()) return at(component, wrong);
  }
  return spec;
}

Result<MadeComponent> make_builtin(const topology::Component& component, const std::shared_ptr<StdoutSink>& sink) {
  const Builtin* builtin = find_builtin(component.runs.name, component.is_spout);
  if (!builtin) return no_builtin(component);
  if (const std::string wrong = wrong_option(*builtin, component.options); !wrong.empty()) return at(component, wrong);
  const std::string& key = builtin->key;
  if (builtin->is_spout) {
    if (key == "file") return follows(component) ? made<FollowSpout>() : made<FileSpout>();
    if (key == "stdin") return made<StdinSpout>();
    if (key == "generate") return made<GenerateSpout>();
    return made<TestWordSpout>();
  }
  if (key == "print") return made<PrintBolt>(sink);
  if (key == "log") return made<LogBolt>();
  if (key == "file") return made<FileBolt>();
  if (key == "discard") return made<DiscardBolt>();
  return made<TestWordCounter>();
}

}  // namespace sparse::worker
