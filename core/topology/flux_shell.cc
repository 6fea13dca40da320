#include "core/topology/flux_shell.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/config/scalar.h"
#include "core/config/suggest.h"
#include "core/topology/keys.h"
#include "core/topology/short_form.h"
#include "core/topology/values.h"

namespace sparse::topology {
namespace {

using yaml::Node;
using Arguments = std::vector<Node>;

class ShellReader {
 public:
  ShellReader(const Definition& definition, const std::string& subject, FluxValues& values, Component& component,
              Findings& findings)
      : node_(*definition.node),
        document_(*definition.document),
        subject_(subject),
        values_(values),
        component_(component),
        findings_(findings) {}

  bool read() {
    const std::size_t before = findings_.errors();
    component_.runs.kind = Implementation::Kind::command;
    read_constructor();
    read_properties();
    if (const Node* methods = node_.find("configMethods"))
      for (const Node& method : methods->items) read_method(method);
    for (const std::string_view key : {"factory", "factoryArgs"})
      if (const Node* factory = node_.find(key))
        findings_.error("SP1403", where(document_, *factory),
                        fmt::format("{}: a shell component has no factory methods", subject_));
    return complete_ && findings_.errors() == before && !component_.runs.argv.empty();
  }

 private:
  struct Method {
    std::string_view name;
    std::string_view signature;
    bool (*accepts)(const Arguments&);
    void (ShellReader::*apply)(const Arguments&);
  };

  static bool is_words(const Node& node) { return node.is_sequence(); }

  static const std::vector<Method>& methods() {
    static const std::vector<Method> table = {
        {"setDefaultStream", "[fields]", [](const Arguments& a) { return a.size() == 1 && is_words(a[0]); },
         &ShellReader::set_default_stream},
        {"setNamedStream", "name, [fields]",
         [](const Arguments& a) { return a.size() == 2 && a[0].is_scalar() && is_words(a[1]); }, &ShellReader::set_named_stream},
        {"addComponentConfig", "key, value", [](const Arguments& a) { return a.size() == 2 && a[0].is_scalar(); },
         &ShellReader::add_config},
        {"setEnv", "{NAME: value}", [](const Arguments& a) { return a.size() == 1 && a[0].is_map(); }, &ShellReader::set_env},
        {"changeChildCWD", "true or false",
         [](const Arguments& a) {
           return a.size() == 1 && yaml::classify(a[0]).type == yaml::Scalar::Type::boolean && a[0].is_scalar();
         },
         &ShellReader::change_cwd},
    };
    return table;
  }

  void read_constructor() {
    const Node* list = node_.find("constructorArgs");
    if (!list || !list->is_sequence() || list->items.empty() || list->items.size() > 2) {
      findings_
          .error("SP1403", list ? where(document_, *list) : component_.where,
                 fmt::format("{}: `constructorArgs` of a shell component is a command, and maybe the fields it emits", subject_))
          .help.push_back("write constructorArgs: [[python3, split.py], [word]]");
      return;
    }
    const std::optional<Arguments> arguments = values_.literals(list, document_);
    complete_ = arguments.has_value();
    if (!complete_) return;
    const Node& command = arguments->front();
    if (command.is_sequence() || command.is_scalar())
      read_command(command, document_, findings_, component_.runs.argv);
    else
      findings_.error("SP1403", where(document_, command),
                      fmt::format("{}: the command is a list of arguments, found {}", subject_, yaml::describe(command)));
    if (command.is_sequence() && command.items.empty())
      findings_.error("SP1403", where(document_, command), fmt::format("{}: the command is empty", subject_));
    if (arguments->size() == 2) {
      if (is_words(arguments->back()))
        set_stream("default", arguments->back());
      else
        findings_.error("SP1403", where(document_, arguments->back()),
                        fmt::format("{}: the fields are a list, found {}", subject_, yaml::describe(arguments->back())));
    }
  }

  void read_properties() {
    const Node* properties = node_.find("properties");
    if (!properties) return;
    for (const Node& property : properties->items) {
      const Node* name = property.find("name");
      const Node* value = property.find("value");
      if (name && name->text == "env" && value && value->is_map())
        set_env({*value});
      else
        findings_
            .error("SP1403", where(document_, name ? *name : property),
                   fmt::format("{}: a shell component has no property {}", subject_,
                               name ? "\"" + name->text + "\"" : "without name"))
            .help.push_back("its property is `env`; more can be set by configMethods");
    }
  }

  void read_method(const Node& method) {
    const Node* name = method.find("name");
    if (!name || !name->is_scalar()) {
      findings_.error("SP1403", where(document_, method), fmt::format("{}: an entry of `configMethods` wants a `name`", subject_))
          .help.push_back("write {name: setDefaultStream, args: [[word]]}");
      return;
    }
    const auto known =
        std::find_if(methods().begin(), methods().end(), [&](const Method& candidate) { return candidate.name == name->text; });
    if (known == methods().end()) return report_unknown(*name);
    const std::optional<Arguments> arguments = values_.literals(method.find("args"), document_);
    if (!arguments) {
      complete_ = false;
    } else if (known->accepts(*arguments)) {
      (this->*known->apply)(*arguments);
    } else {
      findings_
          .error("SP1403", where(document_, *name),
                 fmt::format("{}: {} does not take these {} arguments", subject_, known->name, arguments->size()))
          .help.push_back(fmt::format("its arguments are {}, as in {{name: {}, args: [{}]}}", known->signature, known->name,
                                      known->signature));
    }
  }

  void report_unknown(const Node& name) {
    std::vector<std::string> names;
    for (const Method& method : methods()) names.emplace_back(method.name);
    Diagnostic& unknown = findings_.error("SP1403", where(document_, name),
                                          fmt::format("{}: a shell component has no method \"{}\"", subject_, name.text));
    unknown.label = findings_.suggestion(name.text, [&] { return names; });
    if (unknown.label.empty()) unknown.help.push_back("its methods are " + quoted_list(names));
  }

  // As in Flux, the last declaration of a stream holds.
  void set_stream(const std::string& name, const Node& fields) {
    Stream stream{.name = name, .where = where(document_, fields)};
    read_text_list(fields, "a field", document_, findings_, stream.fields);
    const auto known = std::find_if(component_.outputs.begin(), component_.outputs.end(),
                                    [&](const Stream& other) { return other.name == name; });
    if (known == component_.outputs.end())
      component_.outputs.push_back(std::move(stream));
    else
      *known = std::move(stream);
  }

  void set_default_stream(const Arguments& arguments) { set_stream("default", arguments[0]); }
  void set_named_stream(const Arguments& arguments) { set_stream(arguments[0].text, arguments[1]); }
  void add_config(const Arguments& arguments) {
    const std::string& key = arguments[0].text;
    set_key(component_.config, key, to_value(arguments[1], document_, findings_));
    component_.places["config." + key] = where(document_, arguments[1]);
    component_.places["config-key." + key] = where(document_, arguments[0]);
  }
  void set_env(const Arguments& arguments) {
    for (const auto& [name, value] : arguments[0].pairs)
      read_text(value, fmt::format("{}: the environment variable {}", subject_, name.text), document_, findings_,
                component_.env[name.text]);
  }
  void change_cwd(const Arguments& arguments) {
    if (yaml::classify(arguments[0]).boolean) return;
    findings_.warning("SP1403", where(document_, arguments[0]), fmt::format("{}: changeChildCWD(false) has no effect", subject_))
        .help.push_back("processes start in the folder of the topology file; the short form's `cwd:` names another");
  }

  const Node& node_;
  const Document& document_;
  const std::string& subject_;
  FluxValues& values_;
  Component& component_;
  Findings& findings_;
  bool complete_ = true;
};

}  // namespace

bool read_flux_shell(const Definition& definition, const std::string& subject, FluxValues& values, Component& component,
                     Findings& findings) {
  return ShellReader(definition, subject, values, component, findings).read();
}

}  // namespace sparse::topology
