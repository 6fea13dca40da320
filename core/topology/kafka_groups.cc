#include "core/topology/kafka_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <tuple>

namespace sparse::topology {
namespace {

// Whatever a file contains, the checks end soon: what is past these is left to the run.
constexpr std::size_t kBrokersMost = 16, kPatternsMost = 100, kMatchesMost = 10'000;

/// What one spout reads, and a name for where that stands.
struct Source {
  const Component* spout = nullptr;
  std::string group = {};
  std::vector<std::string> brokers = {};                         ///< `embedded` is no name of a real one
  std::vector<std::pair<std::string, std::string>> topics = {};  ///< with the names of their places
  std::string pattern = {};

  /// What concerns others that have the same.
  std::pair<bool, std::string> group_and_kind() const { return {brokers == std::vector<std::string>{"embedded"}, group}; }
  Where place(const std::string& option) const {
    const auto found = spout->places.find("option." + option);
    return found == spout->places.end() ? spout->where : found->second;
  }
};

std::string text_of(const Value* value) {
  if (const auto* text = value ? value->as<std::string>() : nullptr) return *text;
  if (const auto* number = value ? value->as<std::int64_t>() : nullptr) return std::to_string(*number);
  return {};
}

/// As librdkafka reads them: a protocol may stand before the name, and 9092 is the port.
std::vector<std::string> brokers_of(std::string_view list) {
  std::vector<std::string> brokers;
  while (!list.empty() && brokers.size() < kBrokersMost) {
    std::string broker(list.substr(0, list.find(',')));
    list.remove_prefix(std::min(list.size(), broker.size() + 1));
    if (const std::size_t protocol = broker.find("://"); protocol != broker.npos) broker.erase(0, protocol + 3);
    std::erase(broker, ' ');
    std::ranges::transform(broker, broker.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::size_t colon = broker.rfind(':');
    const bool has_port = colon != broker.npos && broker.find(']', colon) == broker.npos;
    if (!broker.empty()) brokers.push_back(has_port || broker == "embedded" ? broker : broker + ":9092");
  }
  return brokers;
}

Source source_of(const Topology& topology, const Component& spout) {
  Source source{.spout = &spout};
  const Value* group = spout.options.find("group");
  source.group = group ? text_of(group) : topology.name;
  source.brokers = brokers_of(text_of(spout.options.find("brokers")));
  source.pattern = text_of(spout.options.find("pattern"));
  for (const std::string option : {"topics", "topic"}) {
    const Value* given = spout.options.find(option);
    const auto* list = given ? given->as<Value::List>() : nullptr;
    if (given && !list) source.topics.emplace_back(text_of(given), option);
    for (std::size_t i = 0; list && i < list->size(); ++i)
      source.topics.emplace_back(text_of(&(*list)[i]), fmt::format("{}.{}", option, i));
  }
  return source;
}

bool share_a_broker(const Source& one, const Source& other) {
  return std::ranges::any_of(one.brokers,
                             [&](const auto& broker) { return std::ranges::find(other.brokers, broker) != other.brokers.end(); });
}

/// Compares each spout with those before it.
class Comparison {
 public:
  explicit Comparison(Findings& findings) : findings_(findings) {}

  void add(Source added) {
    const auto source = std::make_shared<const Source>(std::move(added));
    const std::size_t before = told_.size();
    by_topics(source);
    if (told_.size() == before) by_patterns(source);
    for (const auto& [topic, place] : source->topics) {
      by_topic_.try_emplace({source->group_and_kind(), topic}, source, place);
      for (const std::string& broker : source->brokers) by_broker_.try_emplace({source->group, broker, topic}, source, place);
    }
    auto& others = by_group_[source->group_and_kind()];
    if (others.size() < kPatternsMost) others.push_back(source);
  }

 private:
  using Group = std::pair<bool, std::string>;
  using Shared = std::shared_ptr<const Source>;
  using Found = std::pair<Shared, std::string>;

  void by_topics(const Shared& source) {
    for (const auto& [topic, place] : source->topics) {
      const Found* found = nullptr;
      for (const std::string& broker : source->brokers)
        if (const auto first = by_broker_.find({source->group, broker, topic}); !found && first != by_broker_.end())
          found = &first->second;
      const bool is_sure = found != nullptr;
      if (const auto first = by_topic_.find({source->group_and_kind(), topic}); !found && first != by_topic_.end())
        found = &first->second;
      if (found) report(*source, place, *found->first, found->second, is_sure, fmt::format("topic \"{}\"", topic));
    }
  }

  void by_patterns(const Shared& source) {
    const auto group = by_group_.find(source->group_and_kind());
    if (group == by_group_.end()) return;
    for (const Shared& other : group->second) {
      const bool is_sure = share_a_broker(*source, *other);
      if (source->pattern.empty() && other->pattern.empty()) continue;
      if (source->pattern == other->pattern) {
        report(*source, "pattern", *other, "pattern", is_sure, fmt::format("the topics that match \"{}\"", source->pattern));
      } else if (!source->pattern.empty() && !other->pattern.empty()) {
        if (is_sure) report(*source, "pattern", *other, "pattern", false, "the topics that both patterns match");
      } else {
        by_pattern_and_topics(*source, *other, is_sure);
      }
    }
  }

  void by_pattern_and_topics(const Source& source, const Source& other, bool is_sure) {
    const bool has_pattern = !source.pattern.empty();
    for (const auto& [topic, place] : has_pattern ? other.topics : source.topics)
      if (matches(has_pattern ? source.pattern : other.pattern, topic))
        return report(source, has_pattern ? "pattern" : place, other, has_pattern ? place : "pattern", is_sure,
                      fmt::format("topic \"{}\"", topic));
  }

  // What is no regular expression is told by others. This way of matching takes no time that explodes.
  bool matches(const std::string& pattern, const std::string& topic) {
    if (pattern.size() > 1000 || topic.size() > 249 || topic.starts_with("__") || ++matches_ > kMatchesMost) return false;
    try {
      auto& compiled = compiled_[pattern];
      if (!compiled) compiled.emplace(pattern, std::regex::ECMAScript | std::regex_constants::__polynomial);
      return std::regex_match(topic, *compiled);
    } catch (const std::regex_error&) {
      return false;
    }
  }

  void report(const Source& source, const std::string& place, const Source& other, const std::string& other_place, bool is_sure,
              std::string_view what) {
    if (!told_.emplace(source.spout, other.spout).second) return;
    const bool same_brokers = share_a_broker(source, other);
    Diagnostic& told = findings_.add(
        is_sure ? Severity::error : Severity::warning, "SP1219", source.place(place),
        fmt::format(
            "spout \"{}\" and spout \"{}\" {} {} in the group \"{}\"{}: a group keeps one offset for a partition, so each "
            "would commit over what the other has not done",
            source.spout->id, other.spout->id, is_sure ? "read" : "may both read", what, source.group,
            same_brokers ? "" : ", if their brokers are of one cluster"));
    const Where where = other.place(other_place);
    if (where.line > 0)
      told.related.push_back(
          {where.file, where.line, where.column, fmt::format("what spout \"{}\" reads is given", other.spout->id)});
    told.help.push_back(fmt::format("give one of them a group of its own, as in `group: {}-{}`, or let one spout read for both",
                                    source.group, source.spout->id));
  }

  Findings& findings_;
  std::map<std::pair<Group, std::string>, Found> by_topic_ = {};
  std::map<std::tuple<std::string, std::string, std::string>, Found> by_broker_ = {};  ///< group, broker, topic
  std::map<Group, std::vector<Shared>> by_group_ = {};
  std::map<std::string, std::optional<std::regex>> compiled_ = {};
  std::set<std::pair<const Component*, const Component*>> told_ = {};
  std::size_t matches_ = 0;
};

}  // namespace

bool is_kafka_spout(const Component& component) {
  return component.is_spout && component.runs.kind == Implementation::Kind::builtin && component.runs.name == "kafka";
}

void check_kafka_groups(const Topology& topology, Findings& findings) {
  Comparison comparison(findings);
  for (const Component& component : topology.components)
    if (is_kafka_spout(component) && !component.half_read) comparison.add(source_of(topology, component));
}

}  // namespace sparse::topology
