#include "core/topology/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/config/read_file.h"
#include "core/topology/flux.h"
#include "core/topology/kafka_secrets.h"
#include "core/topology/plugin_path.h"
#include "core/topology/short_form.h"
#include "core/topology/values.h"

namespace sparse::topology {
namespace {

std::string absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::current_path(error);
  return absolute_path(error ? "/" : folder.string(), path);
}

class Loader {
 public:
  Loader(const std::string& path, const LoadOptions& options, const Describe& describe, const ReadFile& read)
      : path_(path), options_(options), describe_(describe), read_(read) {}

  LoadResult load() {
    Draft draft;
    LoadResult result;
    const Variables variables = read_variables();
    if (!findings_.has_errors() && read_draft(path_, absolute(path_), variables, read_, draft, findings_)) {
      Topology topology = assemble(draft);
      // With `topologySource` the file itself says little of its topology.
      if (!draft.topology_source.node) validate(topology, resolve(topology, describe_, findings_), findings_);
      if (options_.missing_secrets) check_kafka_secrets(topology, *options_.missing_secrets, findings_);
      if (!findings_.has_errors()) result.topology = std::move(topology);
    }
    result.diagnostics = findings_.finish();
    result.sources = std::move(draft.sources);
    return result;
  }

 private:
  Variables read_variables() {
    Variables variables{.env_filter = options_.env_filter,
                        .environment = [](const std::string& name) -> std::optional<std::string> {
                          const char* value = std::getenv(name.c_str());
                          return value ? std::optional<std::string>(value) : std::nullopt;
                        }};
    for (const std::string& file : options_.filter_files) read_filter(file, variables);
    for (const auto& [key, value] : options_.variables) variables.values[key] = value;
    return variables;
  }

  void read_filter(const std::string& file, Variables& variables) {
    Result<std::string> bytes = read_(absolute(file));
    if (!bytes) {
      findings_.error("SP1007", {file}, bytes.error().message).help.push_back("--filter wants a .properties file");
      return;
    }
    yaml::Decoded decoded = yaml::decode(*bytes, {.file = file});
    if (!decoded.diagnostics.empty()) return findings_.take(std::move(decoded.diagnostics));
    Result<std::map<std::string, std::string>> entries = parse_properties(decoded.text);
    if (!entries) {
      findings_.error("SP1007", {file}, entries.error().message);
      return;
    }
    for (auto& [key, value] : *entries) variables.values[key] = std::move(value);
  }

  Topology assemble(const Draft& draft) {
    Topology topology;
    topology.file = absolute(path_);
    topology.folder = std::filesystem::path(topology.file).parent_path().string();
    read_name(draft, topology);
    read_config(draft, topology);
    if (draft.names_spouts) topology.places["spouts"] = {path_};
    FluxReader flux(draft, findings_);
    for (const bool is_spout : {true, false})
      for (const Definition& definition : is_spout ? draft.spouts : draft.bolts) {
        std::optional<Component> component = is_flux(*definition.node)
                                                 ? flux.read(definition, is_spout)
                                                 : read_short_form(*definition.node, is_spout, *definition.document, findings_);
        if (!component) continue;
        if (component->runs.kind == Implementation::Kind::plugin) component->runs.file = find_plugin(component->runs.file);
        for (Input& input : component->inputs)
          if (input.grouping.kind == GroupingKind::custom) input.grouping.custom.file = find_plugin(input.grouping.custom.file);
        topology.components.push_back(std::move(*component));
      }
    flux.connect(topology.components);
    flux.finish();
    return topology;
  }

  void read_name(const Draft& draft, Topology& topology) {
    if (options_.name) {
      topology.name = *options_.name;
    } else if (draft.name.node) {
      topology.name = draft.name.node->text;
      topology.places["name"] = where(*draft.name.document, *draft.name.node);
    } else {
      topology.name = std::filesystem::path(topology.file).stem().string();
    }
  }

  void read_config(const Draft& draft, Topology& topology) {
    auto& pairs = *topology.config.as<Value::Map>();
    for (const auto& [key, value] : draft.config) {
      pairs.emplace_back(key->text, to_value(*value.node, *value.document, findings_));
      topology.places["config." + key->text] = where(*value.document, *value.node);
      topology.places["config-key." + key->text] = where(*value.document, *key);
    }
    for (const auto& [key, text] : options_.config) {
      const Document command_line{.file = fmt::format("-o {}", key), .folder = topology.folder};
      yaml::Parsed parsed = yaml::parse(text, {.file = command_line.file});
      findings_.take(std::move(parsed.diagnostics));
      set_key(topology.config, key, to_value(parsed.root, command_line, findings_));
      topology.places["config." + key] = topology.places["config-key." + key] = {command_line.file};
    }
  }

  const std::string& path_;
  const LoadOptions& options_;
  const Describe& describe_;
  const ReadFile& read_;
  Findings findings_ = {};
};

}  // namespace

LoadResult load_from(const std::string& path, const LoadOptions& options, const Describe& describe, const ReadFile& read) {
  try {
    return Loader(path, options, describe, read).load();
  } catch (const std::exception& exception) {
    LoadResult result;
    result.diagnostics.push_back(
        {.code = "SP1000", .file = path, .message = std::string("cannot be loaded: ") + exception.what()});
    return result;
  }
}

LoadResult load(const std::string& path, const LoadOptions& options, const Describe& describe) {
  // More than a topology file may have, so that the limit is named where all limits are.
  return load_from(path, options, describe, [](const std::string& file) { return read_file(file, 16 * yaml::Limits{}.bytes); });
}

}  // namespace sparse::topology
