#include "core/topology/config_keys.h"

#include <fmt/format.h>

#include <array>
#include <unordered_map>

#include "core/base/collect_names.h"
#include "core/config/suggest.h"
#include "core/topology/values.h"

namespace sparse::topology {
namespace {

enum class ConfigType { integer, positive, number, boolean, text, list, map, any };

struct ConfigKey {
  std::string_view name;
  ConfigType type;
};

constexpr std::array kKeys = {
    ConfigKey{"topology.name", ConfigType::text},
    ConfigKey{"topology.workers", ConfigType::positive},
    ConfigKey{"topology.tasks", ConfigType::positive},
    ConfigKey{"topology.max.task.parallelism", ConfigType::positive},
    ConfigKey{"topology.acker.executors", ConfigType::integer},
    ConfigKey{"topology.ras.acker.executors.per.worker", ConfigType::integer},
    ConfigKey{"topology.eventlogger.executors", ConfigType::integer},
    ConfigKey{"topology.message.timeout.secs", ConfigType::positive},
    ConfigKey{"topology.enable.message.timeouts", ConfigType::boolean},
    ConfigKey{"topology.max.spout.pending", ConfigType::positive},
    ConfigKey{"topology.tick.tuple.freq.secs", ConfigType::positive},
    ConfigKey{"topology.debug", ConfigType::boolean},
    ConfigKey{"topology.fusion", ConfigType::boolean},
    ConfigKey{"topology.priority", ConfigType::integer},
    ConfigKey{"topology.version", ConfigType::text},
    ConfigKey{"topology.stats.sample.rate", ConfigType::number},
    ConfigKey{"topology.stats.ewma.enable", ConfigType::boolean},
    ConfigKey{"topology.stats.ewma.smoothing.factor", ConfigType::number},
    ConfigKey{"topology.upstream.feedback.enable", ConfigType::boolean},
    ConfigKey{"topology.upstream.feedback.freq.secs", ConfigType::positive},
    ConfigKey{"topology.builtin.metrics.bucket.size.secs", ConfigType::positive},
    ConfigKey{"topology.worker.timeout.secs", ConfigType::positive},
    ConfigKey{"topology.error.throttle.interval.secs", ConfigType::positive},
    ConfigKey{"topology.max.error.report.per.interval", ConfigType::positive},
    ConfigKey{"topology.state.synchronization.timeout.secs", ConfigType::positive},
    ConfigKey{"topology.state.checkpoint.interval.ms", ConfigType::positive},
    ConfigKey{"topology.state.provider", ConfigType::text},
    ConfigKey{"topology.state.provider.config", ConfigType::text},
    ConfigKey{"topology.trident.batch.emit.interval.millis", ConfigType::positive},
    ConfigKey{"topology.transactional.id", ConfigType::text},
    ConfigKey{"topology.auto.task.hooks", ConfigType::list},
    ConfigKey{"topology.worker.shared.thread.pool.size", ConfigType::positive},
    ConfigKey{"topology.min.replication.count", ConfigType::positive},
    ConfigKey{"topology.max.replication.wait.time.sec", ConfigType::integer},
    ConfigKey{"topology.environment", ConfigType::map},
    ConfigKey{"topology.classpath", ConfigType::any},
    ConfigKey{"topology.classpath.beginning", ConfigType::any},
    ConfigKey{"topology.worker.childopts", ConfigType::any},
    ConfigKey{"topology.worker.gc.childopts", ConfigType::any},
    ConfigKey{"topology.worker.logwriter.childopts", ConfigType::any},
    ConfigKey{"topology.logging.sensitivity", ConfigType::text},
    ConfigKey{"topology.logging.config", ConfigType::text},
    ConfigKey{"topology.users", ConfigType::list},
    ConfigKey{"topology.groups", ConfigType::list},
    ConfigKey{"topology.readonly.users", ConfigType::list},
    ConfigKey{"topology.readonly.groups", ConfigType::list},
    ConfigKey{"topology.submitter.user", ConfigType::text},
    ConfigKey{"topology.submitter.principal", ConfigType::text},
    ConfigKey{"topology.auto-credentials", ConfigType::list},
    ConfigKey{"topology.isolate.machines", ConfigType::positive},
    ConfigKey{"topology.testing.always.try.serialize", ConfigType::boolean},
    ConfigKey{"topology.multilang.serializer", ConfigType::text},
    ConfigKey{"topology.multilang.log.handler", ConfigType::text},
    ConfigKey{"topology.shellbolt.max.pending", ConfigType::positive},
    ConfigKey{"topology.subprocess.timeout.secs", ConfigType::positive},
    ConfigKey{"topology.executor.receive.buffer.size", ConfigType::positive},
    ConfigKey{"topology.executor.overflow.limit", ConfigType::integer},
    ConfigKey{"topology.transfer.buffer.size", ConfigType::positive},
    ConfigKey{"topology.transfer.batch.size", ConfigType::positive},
    ConfigKey{"topology.producer.batch.size", ConfigType::positive},
    ConfigKey{"topology.producer.batch.dynamic", ConfigType::boolean},
    ConfigKey{"topology.batch.flush.interval.millis", ConfigType::integer},
    ConfigKey{"topology.spout.recvq.skips", ConfigType::integer},
    ConfigKey{"topology.backpressure.check.millis", ConfigType::positive},
    ConfigKey{"topology.backpressure.enable", ConfigType::boolean},
    ConfigKey{"topology.spout.wait.strategy", ConfigType::text},
    ConfigKey{"topology.bolt.wait.strategy", ConfigType::text},
    ConfigKey{"topology.backpressure.wait.strategy", ConfigType::text},
    ConfigKey{"topology.spout.wait.progressive.level1.count", ConfigType::integer},
    ConfigKey{"topology.spout.wait.progressive.level2.count", ConfigType::integer},
    ConfigKey{"topology.spout.wait.progressive.level3.sleep.millis", ConfigType::integer},
    ConfigKey{"topology.bolt.wait.progressive.level1.count", ConfigType::integer},
    ConfigKey{"topology.bolt.wait.progressive.level2.count", ConfigType::integer},
    ConfigKey{"topology.bolt.wait.progressive.level3.sleep.millis", ConfigType::integer},
    ConfigKey{"topology.backpressure.wait.progressive.level1.count", ConfigType::integer},
    ConfigKey{"topology.backpressure.wait.progressive.level2.count", ConfigType::integer},
    ConfigKey{"topology.backpressure.wait.progressive.level3.sleep.millis", ConfigType::integer},
    ConfigKey{"topology.spout.wait.park.microsec", ConfigType::positive},
    ConfigKey{"topology.bolt.wait.park.microsec", ConfigType::positive},
    ConfigKey{"topology.backpressure.wait.park.microsec", ConfigType::positive},
    ConfigKey{"topology.sleep.spout.wait.strategy.time.ms", ConfigType::integer},
    ConfigKey{"topology.disable.loadaware.messaging", ConfigType::boolean},
    ConfigKey{"topology.localityaware.higher.bound", ConfigType::number},
    ConfigKey{"topology.localityaware.lower.bound", ConfigType::number},
    ConfigKey{"topology.tuple.serializer", ConfigType::text},
    ConfigKey{"topology.kryo.factory", ConfigType::text},
    ConfigKey{"topology.kryo.register", ConfigType::any},
    ConfigKey{"topology.kryo.decorators", ConfigType::list},
    ConfigKey{"topology.state.kryo.register", ConfigType::any},
    ConfigKey{"topology.skip.missing.kryo.registrations", ConfigType::boolean},
    ConfigKey{"topology.fall.back.on.java.serialization", ConfigType::boolean},
    ConfigKey{"topology.serialized.message.size.metrics", ConfigType::boolean},
    ConfigKey{"topology.tuple.compression.enable", ConfigType::boolean},
    ConfigKey{"topology.tuple.compression.threshold", ConfigType::integer},
    ConfigKey{"topology.tuple.compression.max.decompressed.bytes", ConfigType::positive},
    ConfigKey{"topology.bolts.window.length.count", ConfigType::positive},
    ConfigKey{"topology.bolts.window.length.duration.ms", ConfigType::positive},
    ConfigKey{"topology.bolts.window.sliding.interval.count", ConfigType::positive},
    ConfigKey{"topology.bolts.window.sliding.interval.duration.ms", ConfigType::positive},
    ConfigKey{"topology.bolts.late.tuple.stream", ConfigType::text},
    ConfigKey{"topology.bolts.tuple.timestamp.field.name", ConfigType::text},
    ConfigKey{"topology.bolts.tuple.timestamp.max.lag.ms", ConfigType::integer},
    ConfigKey{"topology.bolts.watermark.event.interval.ms", ConfigType::positive},
    ConfigKey{"topology.bolts.message.id.field.name", ConfigType::text},
    ConfigKey{"topology.component.resources.onheap.memory.mb", ConfigType::number},
    ConfigKey{"topology.component.resources.offheap.memory.mb", ConfigType::number},
    ConfigKey{"topology.component.cpu.pcore.percent", ConfigType::number},
    ConfigKey{"topology.component.resources.map", ConfigType::map},
    ConfigKey{"topology.acker.resources.onheap.memory.mb", ConfigType::number},
    ConfigKey{"topology.acker.resources.offheap.memory.mb", ConfigType::number},
    ConfigKey{"topology.acker.cpu.pcore.percent", ConfigType::number},
    ConfigKey{"topology.worker.max.heap.size.mb", ConfigType::number},
    ConfigKey{"topology.scheduler.strategy", ConfigType::text},
    ConfigKey{"topology.scheduler.favored.nodes", ConfigType::list},
    ConfigKey{"topology.scheduler.unfavored.nodes", ConfigType::list},
    ConfigKey{"topology.ras.constraints", ConfigType::any},
    ConfigKey{"topology.spread.components", ConfigType::list},
    ConfigKey{"topology.metrics.consumer.register", ConfigType::list},
    ConfigKey{"topology.metrics.reporters", ConfigType::list},
    ConfigKey{"topology.enable.v2.metrics.tick", ConfigType::boolean},
    ConfigKey{"topology.v2.metrics.tick.interval.seconds", ConfigType::positive},
    ConfigKey{"topology.event.logger.register", ConfigType::list},
    ConfigKey{"topology.blobstore.map", ConfigType::map},
};

/// Of whole numbers, as in Storm. As seconds it still fits into 64 bits of nanoseconds.
constexpr std::int64_t kLargest = 2'147'483'647;

std::string_view type_words(ConfigType type) {
  switch (type) {
    case ConfigType::integer: return "a whole number, 0 or more";
    case ConfigType::positive: return "a whole number, 1 or more";
    case ConfigType::number: return "a number";
    case ConfigType::boolean: return "true or false";
    case ConfigType::text: return "text";
    case ConfigType::list: return "a list";
    case ConfigType::map: return "a map";
    case ConfigType::any: break;
  }
  return "a value";
}

bool fits(const Value& value, ConfigType type) {
  const auto* integer = value.as<std::int64_t>();
  switch (type) {
    case ConfigType::integer: return integer && *integer >= 0 && *integer <= kLargest;
    case ConfigType::positive: return integer && *integer >= 1 && *integer <= kLargest;
    case ConfigType::number: return integer || value.as<double>();
    case ConfigType::boolean: return value.as<bool>() != nullptr;
    case ConfigType::text: return value.as<std::string>() || integer || value.as<double>() || is_secret(value);
    case ConfigType::list: return value.as<Value::List>() != nullptr;
    case ConfigType::map: return value.as<Value::Map>() != nullptr;
    case ConfigType::any: break;
  }
  return true;
}

std::string found_words(const Value& value) {
  if (const auto* integer = value.as<std::int64_t>()) return fmt::format("the number {}", *integer);
  if (const auto* real = value.as<double>()) return fmt::format("the number {}", *real);
  if (const auto* text = value.as<std::string>()) return fmt::format("the text \"{}\"", text->substr(0, 40));
  if (const auto* boolean = value.as<bool>()) return *boolean ? "true" : "false";
  return fmt::format("a {}", type_name(value.type()));
}

Where place_of(const std::map<std::string, Where>& places, const std::string& name, const Where& otherwise) {
  const auto found = places.find(name);
  return found == places.end() ? otherwise : found->second;
}

void check_entry(const std::string& key, const Value& value, const Where& key_place, const Where& value_place,
                 Findings& findings) {
  static const auto index = [] {
    std::unordered_map<std::string_view, ConfigType> made;
    for (const ConfigKey& known : kKeys) made.emplace(known.name, known.type);
    return made;
  }();
  const auto known = index.find(key);
  if (known != index.end()) {
    // Storm's defaults file writes "not set" as null.
    if (value.is_null() || fits(value, known->second)) return;
    const auto* integer = value.as<std::int64_t>();
    const std::string limit = integer && *integer > kLargest ? fmt::format(", and at most {}", kLargest) : "";
    findings.error("SP1301", value_place,
                   fmt::format("`{}` is {}{}, found {}", key, type_words(known->second), limit, found_words(value)));
  } else if (key.starts_with("topology.") && !key.starts_with("topology.metrics.consumer.") &&
             !key.starts_with("topology.acker.")) {
    Diagnostic& unknown = findings.warning("SP1302", key_place, fmt::format("`{}` is not a key that sparse or Storm knows", key));
    unknown.label = findings.suggestion(key, known_config_keys);
  }
}

}  // namespace

std::vector<std::string> known_config_keys() {
  return collect_names(kKeys, [](const ConfigKey& key) { return key.name; });
}

void check_config(const Topology& topology, Findings& findings) {
  if (const auto* pairs = topology.config.as<Value::Map>())
    for (const auto& [key, value] : *pairs)
      check_entry(key, value, place_of(topology.places, "config-key." + key, {topology.file}),
                  place_of(topology.places, "config." + key, {topology.file}), findings);
  for (const Component& component : topology.components) {
    const auto* pairs = component.config.as<Value::Map>();
    if (!pairs) continue;
    for (const auto& [key, value] : *pairs) {
      const Where key_place = place_of(component.places, "config-key." + key, component.where);
      check_entry(key, value, key_place, place_of(component.places, "config." + key, component.where), findings);
      if (!may_override(key) && !key.starts_with("topology.component."))
        findings
            .warning("SP1303", key_place,
                     fmt::format("`{}` holds for a whole topology: setting it for \"{}\" has no effect", key, component.id))
            .help.push_back("move it to the `config:` of the topology");
    }
  }
}

}  // namespace sparse::topology
