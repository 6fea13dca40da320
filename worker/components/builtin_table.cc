// One maker for each built-in.
#include "worker/components/builtin_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "worker/components/file_bolt.h"
#include "worker/components/file_spout.h"
#include "worker/components/follow_spout.h"
#include "worker/components/generate_spout.h"
#include "worker/components/plain_bolts.h"
#include "worker/components/print_bolt.h"
#include "worker/components/stdin_spout.h"
#include "worker/components/test_words.h"
#include "worker/kafka/kafka_sink.h"
#include "worker/kafka/kafka_spout.h"

namespace sparse::worker {
namespace {

template <class T, class... Args>
MadeComponent made(Args&&... args) {
  auto instance = std::make_unique<T>(std::forward<Args>(args)...);
  MadeComponent result;
  if constexpr (std::is_base_of_v<External, T>) result.external = instance.get();
  if constexpr (std::is_base_of_v<Spout, T>)
    result.spout = std::move(instance);
  else
    result.bolt = std::move(instance);
  return result;
}

bool is_there(std::string_view name, bool is_spout) {
  constexpr std::string_view spouts[] = {"file", "stdin", "generate", "kafka", "test_word_spout"};
  constexpr std::string_view bolts[] = {"print", "log", "file", "discard", "kafka", "test_word_counter"};
  return is_spout ? std::ranges::find(spouts, name) != std::end(spouts) : std::ranges::find(bolts, name) != std::end(bolts);
}

Error not_there(const topology::Component& component) {
  return Error{fmt::format("this version of sparse has no {} {}", component.runs.name, component.is_spout ? "spout" : "bolt")};
}

/// How many fields a generated tuple has to have.
std::size_t generated_width(const topology::Component& component) {
  if (const topology::Stream* stream = topology::find_stream(component, "default")) return stream->fields.size();
  const Value* fields = component.options.find("fields");
  const auto* list = fields ? fields->as<Value::List>() : nullptr;
  return list ? list->size() : 1;
}

std::optional<Error> check_kafka(const topology::Component& component) {
  if (component.is_spout) {
    const auto options = kafka::read_spout_options(component, "group", false);
    return options ? std::nullopt : std::optional(options.error());
  }
  const auto options = kafka::read_sink_options(component, 0, false);
  return options ? std::nullopt : std::optional(options.error());
}

bool follows(const Value& options) {
  const Value* follow = options.find("follow");
  return follow && follow->as<bool>() && *follow->as<bool>();
}

}  // namespace

std::optional<Error> check_builtin(const topology::Component& component) {
  if (!is_there(component.runs.name, component.is_spout)) return not_there(component);
  if (component.runs.name == "kafka") return check_kafka(component);
  if (component.runs.name == "generate") return check_generate(component.options, generated_width(component));
  if (component.runs.name == "file" && component.is_spout && follows(component.options) && component.options.find("repeat"))
    return Error{"a file is either repeated or followed: leave out one of both options"};
  return std::nullopt;
}

bool acks_by_itself(const topology::Component& component) {
  if (component.is_spout || component.runs.name != "kafka") return false;
  const auto options = kafka::read_sink_options(component, 0, false);
  return options && options->acked;
}

Result<MadeComponent> make_builtin(const topology::Component& component, const SharedParts& shared) {
  const std::string_view name = component.runs.name;
  if (component.is_spout) {
    if (name == "file") return follows(component.options) ? made<FollowSpout>() : made<FileSpout>();
    if (name == "stdin") return made<StdinSpout>();
    if (name == "generate") return made<GenerateSpout>();
    if (name == "kafka") return made<kafka::KafkaSpout>(shared.kafka, shared.figures);
    if (name == "test_word_spout") return made<TestWordSpout>();
  } else {
    if (name == "print") return made<PrintBolt>(shared.sink);
    if (name == "log") return made<LogBolt>();
    if (name == "file") return made<FileBolt>();
    if (name == "discard") return made<DiscardBolt>();
    if (name == "kafka") return made<kafka::KafkaSink>(shared.kafka, shared.figures);
    if (name == "test_word_counter") return made<TestWordCounter>();
  }
  return not_there(component);
}

}  // namespace sparse::worker
