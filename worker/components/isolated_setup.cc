// The first message of the parent, as a bolt in a process of its own needs it.
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "multilang/cpp/context.h"
#include "multilang/cpp/message.h"
#include "worker/components/isolated_bolt.h"

namespace sparse::worker {
namespace {

using Json = nlohmann::ordered_json;

Value value_of(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean: return json.get<bool>();
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return json.get<std::int64_t>();
    case Json::value_t::number_float: return json.get<double>();
    case Json::value_t::string: return json.get_ref<const std::string&>();
    case Json::value_t::array: {
      Value::List list;
      for (const Json& item : json) list.push_back(value_of(item));
      return list;
    }
    case Json::value_t::object: {
      Value::Map map;
      for (const auto& [key, item] : json.items()) map.emplace_back(key, value_of(item));
      return map;
    }
    default: return {};
  }
}

TaskId task_of(const std::string& text) {
  TaskId task = 0;
  std::from_chars(text.data(), text.data() + text.size(), task);
  return task;
}

void read_context(const Json& context, IsolatedSetup& setup) {
  setup.task = context.at("taskid").get<TaskId>();
  setup.component = context.at("componentid").get<std::string>();
  for (const auto& [task, component] : context.at("task->component").items())
    setup.component_of[task_of(task)] = component.get<std::string>();
  setup.parallelism = 0;
  for (const auto& [task, component] : setup.component_of) {
    if (component != setup.component) continue;
    if (task == setup.task) setup.index = setup.parallelism;
    ++setup.parallelism;
  }
  for (const auto& [source, streams] : context.at("source->stream->fields").items())
    for (const auto& [stream, fields] : streams.items())
      setup.source_fields[{source, stream}] = fields.get<std::vector<std::string>>();
}

}  // namespace

IsolatedSetup read_setup(std::string_view text) {
  IsolatedSetup setup;
  try {
    const Json message = Json::parse(text);
    read_context(message.at("context"), setup);
    setup.pid_folder = message.value("pidDir", "");
    for (const auto& [key, value] : message.at("conf").items()) {
      if (key == multilang::kOptionsKey)
        setup.options = value_of(value);
      else
        setup.config.as<Value::Map>()->emplace_back(key, value_of(value));
      if (key == "topology.name" && value.is_string()) setup.topology = value.get<std::string>();
    }
    if (message.contains("sparse"))
      for (const Json& framing : message.at("sparse").value("framings", Json::array()))
        if (framing.is_string() && framing.get_ref<const std::string&>() == multilang::kBatchFraming) setup.offers_batches = true;
  } catch (const Json::exception& error) {
    throw std::runtime_error("the parent's first message cannot be read: " + std::string(error.what()));
  }
  return setup;
}

}  // namespace sparse::worker
