#include "core/topology/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/base/collect_names.h"
#include "core/config/suggest.h"
#include "core/topology/config_keys.h"
#include "core/topology/cycles.h"
#include "core/topology/kafka_groups.h"
#include "core/topology/kafka_sinks.h"

namespace sparse::topology {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::uint32_t kMostTasks = 10'000;
constexpr std::uint64_t kMostTasksOfAll = 100'000;
constexpr std::size_t kMostStreams = 250;
constexpr std::size_t kMostFields = 1000;

bool is_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (name.empty() || name.size() > kLongestName || !is_letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || c == '.' || c == '-'; });
}

std::string kind_and_id(const Component& component) {
  return fmt::format("{} \"{}\"", component.is_spout ? "spout" : "bolt", component.id.substr(0, kLongestName));
}

Where place_of(const Component& component, const std::string& key) {
  const auto found = component.places.find(key);
  return found == component.places.end() ? component.where : found->second;
}

/// Runs all checks over one topology.
class Validator {
 public:
  Validator(const Topology& topology, const std::set<std::string>& open, Findings& findings)
      : topology_(topology), open_(open), findings_(findings) {
    for (const Component& component : topology.components) by_id_.emplace(component.id, &component);
  }

  void run() {
    check_topology();
    for (const Component& component : topology_.components) {
      check_name(component.id, component.is_spout ? "spout" : "bolt", component.where);
      if (by_id_.at(component.id) != &component) report_duplicate(component);
      check_parallelism(component);
      check_outputs(component);
      check_inputs(component);
      check_retry(component);
    }
    check_config(topology_, findings_);
    check_kafka_groups(topology_, findings_);
    check_kafka_sinks(topology_, findings_);
    // What is wrong in one place would look like a gap in the whole.
    if (!findings_.has_errors()) check_cycles(topology_, findings_);
  }

 private:
  Diagnostic& error(std::string code, const Where& where, std::string message) {
    return findings_.error(std::move(code), where, std::move(message));
  }

  void relate(Diagnostic& diagnostic, const Where& where, std::string message) {
    if (where.line > 0) diagnostic.related.push_back({where.file, where.line, where.column, std::move(message)});
  }

  void check_name(const std::string& name, std::string_view what, const Where& where) {
    if (!is_name(name))
      error("SP1201", where, fmt::format("\"{}\" is not a valid {} name", name.substr(0, kLongestName), what))
          .help.push_back(
              "names begin with a letter, digit or `_`, go on with these, `.` and `-`, and have at most 128 characters");
    else if (name.starts_with("__"))
      error("SP1201", where, fmt::format("the {} name \"{}\" is reserved", what, name))
          .help.push_back("names that begin with `__` belong to sparse itself");
  }

  void check_topology() {
    const auto place = topology_.places.find("name");
    check_name(topology_.name, "topology", place == topology_.places.end() ? Where{topology_.file} : place->second);
    std::uint64_t tasks = 0;
    bool has_spout = false;
    for (const Component& component : topology_.components) {
      tasks += component.parallelism;
      has_spout = has_spout || component.is_spout;
    }
    if (!has_spout && !topology_.places.contains("spouts"))
      error("SP1208", {topology_.file}, "the topology has no spout: no tuple would ever enter it")
          .help.push_back("add one under `spouts:`");
    if (tasks > kMostTasksOfAll)
      error("SP1210", {topology_.file}, fmt::format("the topology has {} tasks; at most {} are allowed", tasks, kMostTasksOfAll))
          .help.push_back("lower the `parallelism` of its components");
  }

  void report_duplicate(const Component& component) {
    const Component& first = *by_id_.at(component.id);
    relate(error("SP1202", component.where, fmt::format("a second component has the id \"{}\"", component.id)), first.where,
           "the first one is");
  }

  void check_parallelism(const Component& component) {
    if (component.parallelism < 1 || component.parallelism > kMostTasks)
      error("SP1210", place_of(component, "parallelism"),
            fmt::format("{} has {} tasks; from 1 to {} are allowed", kind_and_id(component), component.parallelism, kMostTasks));
  }

  void check_outputs(const Component& component) {
    if (component.outputs.size() > kMostStreams)
      error("SP1211", component.where,
            fmt::format("{} has {} streams; at most {} are allowed", kind_and_id(component), component.outputs.size(),
                        kMostStreams));
    std::unordered_map<std::string_view, const Stream*> names;
    for (const Stream& stream : component.outputs) {
      check_name(stream.name, "stream", stream.where);
      const auto [first, is_new] = names.emplace(stream.name, &stream);
      if (!is_new)
        relate(error("SP1202", stream.where, fmt::format("{} declares stream \"{}\" twice", kind_and_id(component), stream.name)),
               first->second->where, "the first one is");
      check_fields(component, stream);
    }
  }

  void check_fields(const Component& component, const Stream& stream) {
    if (stream.fields.size() > kMostFields)
      error("SP1211", stream.where,
            fmt::format("stream {}/{} has {} fields; at most {} are allowed", component.id, stream.name, stream.fields.size(),
                        kMostFields));
    std::unordered_set<std::string_view> seen;
    for (const std::string& field : stream.fields) {
      if (field.empty() || field.size() > kLongestName)
        error("SP1201", stream.where,
              fmt::format("a field of stream {}/{} has a name of {} bytes; 1 to 128 are allowed", component.id, stream.name,
                          field.size()));
      if (!seen.insert(field).second)
        error("SP1202", stream.where, fmt::format("stream {}/{} has the field \"{}\" twice", component.id, stream.name, field));
    }
  }

  void check_inputs(const Component& component) {
    if (component.is_spout && !component.inputs.empty()) {
      error("SP1206", component.inputs.front().where, fmt::format("{} has inputs: only bolts have", kind_and_id(component)))
          .help.push_back("move it to `bolts:`");
      return;
    }
    // What could not be read may be what it says of its inputs.
    if (!component.is_spout && component.inputs.empty() && !component.half_read && !is_dead_letter(component.id))
      error("SP1207", component.where, fmt::format("{} has no inputs: it would never get a tuple", kind_and_id(component)))
          .help.push_back("subscribe it to a stream, as in `inputs: {component: shuffle}`");
    for (const Input& input : component.inputs) check_input(component, input);
  }

  bool is_dead_letter(const std::string& id) {
    if (!dead_letters_known_)
      for (const Component& component : topology_.components) dead_letters_.insert(component.dead_letter);
    dead_letters_known_ = true;
    return dead_letters_.contains(id);
  }

  void check_input(const Component& component, const Input& input) {
    if (input.component == "__system") return check_system_input(component, input);
    const auto source = by_id_.find(input.component);
    if (source == by_id_.end()) {
      Diagnostic& unknown = error("SP1204", input.where,
                                  fmt::format("{} subscribes to \"{}\", but there is no such component", kind_and_id(component),
                                              input.component.substr(0, kLongestName)));
      unknown.label = findings_.suggestion(input.component, [&] { return ids(); });
      return;
    }
    // Too many streams were reported: searching all of them for each input could take long.
    if (source->second->outputs.size() > kMostStreams) return;
    const Stream* stream = find_stream(*source->second, input.stream);
    if (!stream) {
      if (!open_.contains(input.component)) report_unknown_stream(component, input, *source->second);
      return;
    }
    check_grouping(component, input, *source->second, *stream);
  }

  void check_system_input(const Component& component, const Input& input) {
    if (input.stream != "__tick") {
      error("SP1205", input.where,
            fmt::format("{} subscribes to \"__system/{}\", but sparse has only \"__system/__tick\"", kind_and_id(component),
                        input.stream));
    } else if (config_integer(topology_, &component, "topology.tick.tuple.freq.secs", 0) < 1) {
      findings_
          .warning("SP1217", input.where,
                   fmt::format("{} subscribes to ticks, but nothing says how often they come", kind_and_id(component)))
          .help.push_back("set `config: {topology.tick.tuple.freq.secs: 10}` for it");
    }
  }

  std::vector<std::string> ids() const { return collect_names(topology_.components, &Component::id); }

  void report_unknown_stream(const Component& component, const Input& input, const Component& source) {
    const std::vector<std::string> names = collect_names(source.outputs, &Stream::name);
    const std::string declared = names.empty()
                                     ? "declares no streams"
                                     : (names.size() == 1 ? "has only the stream " : "has the streams ") + quoted_list(names);
    Diagnostic& unknown = error("SP1205", input.where,
                                fmt::format("{} subscribes to stream {}/{}, but \"{}\" {}", kind_and_id(component),
                                            input.component, input.stream.substr(0, kLongestName), input.component, declared));
    unknown.label = findings_.suggestion(input.stream, [&] { return names; });
    if (names.empty() && source.runs.kind != Implementation::Kind::builtin)
      unknown.help.push_back(fmt::format("declare the fields that it emits: `outputs: [word]` in \"{}\"", source.id));
    relate(unknown, source.where, fmt::format("\"{}\" is defined", source.id));
  }

  void check_grouping(const Component& component, const Input& input, const Component& source, const Stream& stream) {
    const GroupingSpec& grouping = input.grouping;
    const std::string name = fmt::format("{}/{}", source.id, stream.name);
    if (stream.direct && grouping.kind != GroupingKind::direct) {
      relate(
          error("SP1209", input.where,
                fmt::format("stream {} is direct: {} has to subscribe with the grouping `direct`", name, kind_and_id(component))),
          stream.where, fmt::format("{} is declared", name));
    } else if (!stream.direct && grouping.kind == GroupingKind::direct) {
      Diagnostic& mismatch = error(
          "SP1209", input.where,
          fmt::format("{} subscribes with the grouping `direct`, but stream {} is not direct", kind_and_id(component), name));
      relate(mismatch, stream.where, fmt::format("{} is declared", name));
      mismatch.help.push_back(fmt::format("declare the stream as {{fields: {}, direct: true}}", bracketed(stream.fields)));
    }
    const bool needs_fields = grouping.kind == GroupingKind::fields || grouping.kind == GroupingKind::partial_key;
    if (needs_fields && grouping.fields.empty())
      error("SP1203", input.where, fmt::format("{} groups {} by fields, but names none", kind_and_id(component), name))
          .help.push_back(fmt::format("its fields are {}", bracketed(stream.fields)));
    if (needs_fields && stream.fields.size() <= kMostFields)
      for (std::size_t i = 0; i < grouping.fields.size(); ++i) check_grouped_field(component, input, stream, name, i);
  }

  void check_grouped_field(const Component& component, const Input& input, const Stream& stream, const std::string& name,
                           std::size_t index) {
    const std::string& field = input.grouping.fields[index];
    if (std::find(stream.fields.begin(), stream.fields.end(), field) != stream.fields.end()) return;
    const Where& where = index < input.grouping.field_places.size() ? input.grouping.field_places[index] : input.where;
    Diagnostic& unknown = error("SP1203", where,
                                fmt::format("{} groups by field \"{}\", but stream {} has fields {}", kind_and_id(component),
                                            field.substr(0, kLongestName), name, bracketed(stream.fields)));
    unknown.label = findings_.suggestion(field, [&] { return stream.fields; });
    relate(unknown, stream.where, fmt::format("fields of {} are declared", name));
  }

  void check_retry(const Component& component) {
    const bool replays = component.is_spout && component.runs.kind == Implementation::Kind::builtin;
    if (component.retry && !replays)
      error("SP1212", place_of(component, "retry"),
            fmt::format("{}: `retry` is for built-in spouts; this one replays by itself what fails", kind_and_id(component)));
    warn_of_endless_retries(component);
    if (component.dead_letter.empty()) return;
    if (!replays)
      error("SP1212", place_of(component, "dead-letter"),
            fmt::format("{}: `dead-letter` is for built-in spouts; this one decides itself what to do with what fails",
                        kind_and_id(component)));
    const auto target = by_id_.find(component.dead_letter);
    if (target == by_id_.end()) {
      Diagnostic& unknown = error("SP1204", place_of(component, "dead-letter"),
                                  fmt::format("{} gives dead letters to \"{}\", but there is no such component",
                                              kind_and_id(component), component.dead_letter.substr(0, kLongestName)));
      unknown.label = findings_.suggestion(component.dead_letter, [&] { return ids(); });
    } else if (target->second->is_spout) {
      error("SP1212", place_of(component, "dead-letter"),
            fmt::format("{} gives dead letters to \"{}\", which is a spout", kind_and_id(component), component.dead_letter))
          .help.push_back("name a bolt");
    }
  }

  // Kafka's offsets are committed in order.
  void warn_of_endless_retries(const Component& component) {
    if (component.half_read || !is_kafka_spout(component)) return;
    const Value* guarantee = component.options.find("guarantee");
    const auto* text = guarantee ? guarantee->as<std::string>() : nullptr;
    if (component.options.find("dead-letter") || (text && *text != "at-least-once")) return;
    findings_
        .warning(
            "SP1218", component.where,
            fmt::format("{}: a message that always fails is tried again for ever, and holds its partition's committed offset "
                        "where it is",
                        kind_and_id(component)))
        .help.push_back("name a topic for such messages: `dead-letter: TOPIC`");
  }

  const Topology& topology_;
  const std::set<std::string>& open_;
  Findings& findings_;
  std::unordered_map<std::string_view, const Component*> by_id_ = {};
  std::unordered_set<std::string_view> dead_letters_ = {};
  bool dead_letters_known_ = false;
};

}  // namespace

void validate(const Topology& topology, const std::set<std::string>& open, Findings& findings) {
  Validator(topology, open, findings).run();
}

}  // namespace sparse::topology
