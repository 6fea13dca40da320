// Whether a child's emit can be made, by the topology; if not, why not.
#include "worker/components/child_emit.h"

namespace sparse::worker {
namespace {

std::string declared_streams(const topology::Component& component) {
  if (component.outputs.empty()) return "it declares none (add `outputs:`)";
  std::string names;
  for (const auto& stream : component.outputs) names += (names.empty() ? "" : ", ") + stream.name;
  return "it declares " + names;
}

std::string direct_refusal(const TaskHost& host, const topology::Stream& stream, std::int64_t task) {
  const std::string to = " directly to task " + std::to_string(task);
  if (task < 1 || task > static_cast<std::int64_t>(host.task_count())) return to + ": there is no such task";
  const std::string_view target = host.component_of(static_cast<TaskId>(task));
  if (const auto* subscriber = topology::find_component(host.topology(), target))
    for (const auto& input : subscriber->inputs)
      if (input.component == host.component().id && input.stream == stream.name &&
          input.grouping.kind == topology::GroupingKind::direct)
        return {};
  return to + ": its component \"" + std::string(target) + "\" has no direct input from this stream";
}

}  // namespace

std::string refusal(const TaskHost& host, const multilang::EmitMessage& emit) {
  const topology::Component& component = host.component();
  const topology::Stream* stream = topology::find_stream(component, emit.stream);
  if (stream && emit.rejected.empty() && emit.count == stream->fields.size() && emit.task == 0 && !stream->direct) return {};
  const std::string cannot =
      "component \"" + component.id + "\" cannot emit on stream \"" + std::string(emit.stream.substr(0, 128)) + "\"";
  if (!stream) return cannot + ", which it does not declare: " + declared_streams(component);
  if (!emit.rejected.empty()) return cannot + " a value that cannot be carried: " + std::string(emit.rejected);
  if (emit.count != stream->fields.size())
    return cannot + " " + std::to_string(emit.count) + " values: the stream has " + std::to_string(stream->fields.size()) +
           " fields";
  if (emit.task == 0) return stream->direct ? cannot + " without naming a task: it is declared direct" : std::string();
  if (!stream->direct) return cannot + " directly to a task: it is not declared direct";
  const std::string why = direct_refusal(host, *stream, emit.task);
  return why.empty() ? why : cannot + why;
}

const topology::Stream* only_plain_stream(const topology::Component& component) {
  const topology::Stream* found = nullptr;
  for (const auto& stream : component.outputs) {
    if (stream.direct) continue;
    if (found) return nullptr;
    found = &stream;
  }
  return found;
}

bool has_subscriber(const topology::Topology& topology, const topology::Component& component, std::string_view stream) {
  for (const auto& other : topology.components)
    for (const auto& input : other.inputs)
      if (input.component == component.id && input.stream == stream) return true;
  return false;
}

}  // namespace sparse::worker
