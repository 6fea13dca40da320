// Reading options: a table of words for each choice, and librdkafka's opinion of its own properties.
#include "worker/kafka/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <regex>
#include <set>
#include <utility>

#include "core/base/nearest.h"
#include "core/topology/values.h"

namespace sparse::kafka {
namespace {

constexpr std::size_t kPatternMost = 1000;  // longer ones are not looked into before the run

template <class T>
using Words = std::vector<std::pair<std::string, T>>;

const Words<Start> kStarts = {{"uncommitted-earliest", Start::uncommitted_earliest},
                              {"uncommitted-latest", Start::uncommitted_latest},
                              {"earliest", Start::earliest},
                              {"latest", Start::latest}};
const Words<Guarantee> kGuarantees = {
    {"at-least-once", Guarantee::at_least_once}, {"at-most-once", Guarantee::at_most_once}, {"none", Guarantee::none}};
const Words<bool> kDeliveries = {{"at-least-once", true}, {"none", false}};
const Words<Format> kFormats = {{"string", Format::string}, {"bytes", Format::bytes}, {"json", Format::json}};
const Words<Nulls> kNulls = {{"emit", Nulls::emit}, {"skip", Nulls::skip}, {"fail", Nulls::fail}};
const Words<bool> kUntil = {{"end", true}};

/// As an error names an item of a list.
std::string item_of(std::string_view key, std::size_t index) { return fmt::format("{}.{}", key, index); }

/// Takes options one by one, and collects what is wrong.
class Reader {
 public:
  explicit Reader(const Value& options) : options_(options) {}

  const Value& options() const { return options_; }
  bool has(std::string_view key) const { return options_.find(key) != nullptr; }
  void fail(std::string_view key, std::string message) {
    Error error{std::move(message), std::string(key)};
    if (error_)
      error_->others.push_back(std::move(error));
    else
      error_ = std::move(error);
  }
  const std::optional<Error>& error() const { return error_; }

  std::string text(std::string_view key) { return right_text(key).value_or(""); }

  /// Absent if it is there and is no text.
  std::optional<std::string> right_text(std::string_view key) {
    const Value* value = options_.find(key);
    if (!value || value->is_null()) return "";
    if (const auto* found = value->as<std::string>()) return *found;
    if (const auto* number = value->as<std::int64_t>()) return std::to_string(*number);
    fail(key, fmt::format("`{}` is a text, found a {}", key, type_name(value->type())));
    return std::nullopt;
  }

  std::vector<std::string> texts(std::string_view key) {
    const Value* value = options_.find(key);
    const auto* list = value ? value->as<Value::List>() : nullptr;
    if (!list) return has(key) ? std::vector<std::string>{text(key)} : std::vector<std::string>();
    std::vector<std::string> found;
    for (const Value& item : *list) {
      const auto* each = item.as<std::string>();
      const auto* number = item.as<std::int64_t>();
      if (!each && !number)
        fail(item_of(key, found.size()), fmt::format("`{}` is a list of texts, found a {} in it", key, type_name(item.type())));
      found.push_back(each ? *each : number ? std::to_string(*number) : std::string());
    }
    return found;
  }

  void number(std::string_view key, std::int64_t& to) {
    const Value* value = options_.find(key);
    if (!value) return;
    if (const auto* found = value->as<std::int64_t>())
      to = *found;
    else
      fail(key, fmt::format("`{}` is a whole number, found a {}", key, type_name(value->type())));
  }

  template <class T>
  void choice(std::string_view key, const Words<T>& words, T& to) {
    const auto word = has(key) ? right_text(key) : std::nullopt;
    if (!word) return;
    std::vector<std::string> known;
    for (const auto& [name, value] : words) {
      if (name == *word) {
        to = value;
        return;
      }
      known.push_back(name);
    }
    const std::string meant = nearest(*word, known);
    fail(key, fmt::format("`{}` cannot be \"{}\"; {}", key, *word,
                          meant.empty() ? fmt::format("it is one of {}", fmt::join(known, ", "))
                                        : fmt::format("did you mean \"{}\"?", meant)));
  }

  void duration(std::string_view key, Nanoseconds& to) {
    const auto word = has(key) ? right_text(key) : std::nullopt;
    if (!word) return;
    std::int64_t amount = 0;
    const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), amount);
    const std::string_view unit(end, static_cast<std::size_t>(word->data() + word->size() - end));
    const Nanoseconds scale = unit == "ms" ? kMillisecond : unit == "s" ? kSecond : unit == "m" ? 60 * kSecond : 0;
    if (error != std::errc() || scale == 0 || amount < 1 || amount > 86'400'000)
      return fail(key, fmt::format("`{}` is \"{}\", and it has to be a time as 500ms, 1s or 2m", key, *word));
    to = amount * scale;
  }

 private:
  const Value& options_;
  std::optional<Error> error_;
};

std::string plain(const Value& value) {
  if (const auto* text = value.as<std::string>()) return *text;
  if (const auto* number = value.as<std::int64_t>()) return std::to_string(*number);
  if (const auto* real = value.as<double>()) return fmt::format("{}", *real);
  if (const auto* flag = value.as<bool>()) return *flag ? "true" : "false";
  return {};
}

/// What sparse itself sets, and why it cannot be set.
constexpr std::pair<std::string_view, std::string_view> kOwn[] = {
    {"bootstrap.servers", "write `brokers:`"},
    {"metadata.broker.list", "write `brokers:`"},
    {"group.id", "write `group:`"},
    {"enable.auto.commit", "sparse commits what is done, and nothing else"},
    {"auto.commit.enable", "sparse commits what is done, and nothing else"},
    {"auto.commit.interval.ms", "write `commit-interval:`"},
    {"enable.auto.offset.store", "sparse commits what is done, and nothing else"},
    {"auto.offset.reset", "write `start:`"},
    {"log.queue", "it is sparse's own"},
    {"transactional.id", "transactions are no part of this sink"},
};

/// What a component makes of a connection.
enum class Makes { consumer, producer, both };

/// Why a component that makes such clients has no use for a property; empty: it has.
std::string no_use_for(const std::string& name, Makes makes) {
  const auto& table = property_table();
  const auto found = std::ranges::find(table, name, &Property::name);
  if (found == table.end() || makes == Makes::both || found->whose == '*') return {};
  if (makes == Makes::producer && found->whose == 'C')
    return fmt::format("the property \"{}\" is for consumers, and a sink is none: leave it out", name);
  if (makes == Makes::consumer && found->whose == 'P')
    return fmt::format(
        "the property \"{}\" is for producers, and a spout without `dead-letter` is none: leave it out, or name a topic for dead "
        "letters",
        name);
  return {};
}

void read_connection(Reader& reader, const Value& options, Makes makes, Connection& connection) {
  const std::string brokers = reader.text("brokers");
  if (brokers.empty()) reader.fail("brokers", "`brokers` is missing: HOST:PORT,… or `embedded`");
  connection.embedded = brokers == "embedded";
  if (!connection.embedded) connection.properties["bootstrap.servers"] = brokers;
  const Value* given = options.find("properties");
  const auto* map = given ? given->as<Value::Map>() : nullptr;
  if (!map) return;
  for (const auto& [name, value] : *map) {
    if (name.starts_with("x-")) continue;
    const std::string about = "properties." + name;
    const auto own = std::ranges::find_if(kOwn, [&](const auto& pair) { return pair.first == name; });
    const bool is_plain = !value.as<Value::Map>() && !value.as<Value::List>();
    if (own != std::end(kOwn)) {
      reader.fail(about, fmt::format("the property \"{}\" cannot be set: {}", name, own->second));
    } else if (!is_plain && !topology::is_secret(value)) {
      reader.fail(about, fmt::format("the property \"{}\" is a text, a number, or a secret as {{env: NAME}}", name));
    } else if (std::string why = no_use_for(name, makes); !why.empty()) {
      reader.fail(about, std::move(why));
    } else if (topology::is_secret(value)) {  // checked when it is there
      if (const auto known = known_properties(); std::ranges::find(known, name) == known.end()) {
        if (const auto wrong = check_property(name, ""); !wrong) reader.fail(about, wrong.error().message);
      }
    } else if (const auto right = check_property(name, plain(value)); !right) {
      reader.fail(about, right.error().message);
    } else {
      connection.properties[name] = plain(value);
    }
  }
}

void check_topic(Reader& reader, std::string_view key, const std::string& topic) {
  if (!topic.empty() && !is_topic_name(topic))
    reader.fail(key,
                fmt::format("\"{}\" cannot be the name of a topic: those have at most 249 letters, digits, dots, \"_\" and \"-\"",
                            topic));
}

/// As the spout does, but in a time that does not explode. What is no regular expression is told by others.
bool matches(const std::string& pattern, const std::string& topic) {
  try {
    return std::regex_match(topic, std::regex(pattern, std::regex::ECMAScript | std::regex_constants::__polynomial));
  } catch (const std::regex_error&) {
    return false;
  }
}

void check_dead_letter(Reader& reader, const topology::Component& component, const SpoutOptions& options) {
  if (options.dead_letter.empty()) return;
  constexpr std::string_view why = "a dead letter would be read, and fail, again and again";
  if (std::ranges::find(options.topics, options.dead_letter) != options.topics.end())
    reader.fail("dead-letter", fmt::format("it is one of the topics that are read: {}", why));
  else if (!options.dead_letter.starts_with("__") && options.pattern.size() <= kPatternMost &&
           matches(options.pattern, options.dead_letter))
    reader.fail("dead-letter",
                fmt::format("`pattern` ({}) matches the topic \"{}\", so it is read: {}; name one that it does not "
                            "match",
                            options.pattern, options.dead_letter, why));
  if (component.retry && component.retry->limit < 0)
    reader.fail("retry.limit",
                "what is tried for ever never goes to the `dead-letter` topic: give `limit` a number, or leave "
                "`dead-letter` out");
}

void read_source(Reader& reader, SpoutOptions& options) {
  options.topics = reader.texts("topics");
  if (options.topics.empty()) options.topics = reader.texts("topic");
  std::set<std::string_view> named;
  for (std::size_t i = 0; i < options.topics.size(); ++i)
    if (const std::string& topic = options.topics[i]; !topic.empty() && !named.insert(topic).second)
      reader.fail(item_of(reader.has("topics") ? "topics" : "topic", i),
                  fmt::format("the topic \"{}\" is named twice: name it once", topic));
    else
      check_topic(reader, item_of(reader.has("topics") ? "topics" : "topic", i), topic);
  options.pattern = reader.text("pattern");
  if (reader.has("topics") && reader.has("topic")) reader.fail("topic", "`topic` is another word for `topics`: keep one of them");
  if (options.topics.empty() == options.pattern.empty())
    reader.fail("pattern", "it reads either `topics` or the topics that match a `pattern`: give one of them");
  try {
    const std::regex tried(options.pattern);
  } catch (const std::regex_error& error) {
    reader.fail("pattern", fmt::format("`pattern` is no regular expression: {}", error.what()));
  }
  // What is no text is told by whoever reads the choice.
  const Value* given = reader.options().find("start");
  const std::string start = given && given->as<std::string>() ? *given->as<std::string>() : std::string();
  if (start.starts_with('@')) {
    const auto at = read_time(start);
    if (!at)
      reader.fail("start", fmt::format("`start` is \"{}\", and times are written as @-90s, @-1h or @1700000000000", start));
    else if (options.connection.embedded)
      reader.fail("start", "the embedded broker does not know when messages came: write `earliest` or `latest`");
    options.start = Start::timestamp;
    options.start_at = at.value_or(0);
  } else {
    reader.choice("start", kStarts, options.start);
  }
}

}  // namespace

std::string property_meant(std::string_view message, const Properties& given) {
  std::string meant;
  std::size_t length = 0;
  const auto look_for = [&](const std::string& name, const std::string& is_given) {
    if (name.size() <= length || message.find(name) == message.npos) return;
    length = name.size();
    meant = is_given;
  };
  for (const Property& each : property_table()) {
    if (given.contains(each.name)) look_for(each.name, each.name);
    if (given.contains(each.name)) look_for(each.alias_of, each.name);
    if (given.contains(each.alias_of)) look_for(each.name, each.alias_of);
  }
  return meant;
}

std::optional<std::int64_t> read_time(std::string_view text) {
  if (!text.starts_with('@')) return std::nullopt;
  text.remove_prefix(1);
  const bool before = text.starts_with('-');
  if (before) text.remove_prefix(1);
  std::int64_t amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (error != std::errc() || amount < 0) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (!before) return unit.empty() && amount <= 9'000'000'000'000 ? std::optional(amount) : std::nullopt;
  const std::int64_t scale = unit == "s" ? 1000 : unit == "m" ? 60'000 : unit == "h" ? 3'600'000 : unit == "d" ? 86'400'000 : 0;
  if (scale == 0 || amount == 0 || amount > 1'000'000) return std::nullopt;
  return -amount * scale;
}

bool is_topic_name(std::string_view name) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 249 && name != "." && name != ".." && std::ranges::all_of(name, legal);
}

Result<SpoutOptions> read_spout_options(const topology::Component& component, std::string_view topology, bool resolve) {
  Value given = component.options;
  if (resolve)
    if (auto error = topology::resolve_secrets(given)) return *error;
  Reader reader(given);
  SpoutOptions options;
  read_connection(reader, given, reader.has("dead-letter") ? Makes::both : Makes::consumer, options.connection);
  read_source(reader, options);
  options.group = reader.has("group") ? reader.text("group") : std::string(topology);
  reader.choice("guarantee", kGuarantees, options.guarantee);
  if (reader.has("fields")) options.fields = reader.texts("fields");
  reader.choice("format", kFormats, options.format);
  reader.choice("key-format", kFormats, options.key_format);
  reader.choice("null-values", kNulls, options.nulls);
  reader.number("max-uncommitted", options.max_uncommitted);
  reader.number("prefetch", options.prefetch);
  reader.duration("commit-interval", options.commit_interval);
  reader.duration("refresh-interval", options.refresh_interval);
  reader.choice("until", kUntil, options.until_end);
  options.dead_letter = reader.text("dead-letter");
  constexpr std::string_view own[] = {"topic", "partition", "offset", "key", "value", "timestamp", "headers"};
  for (std::size_t i = 0; i < options.fields.size(); ++i)
    if (options.format != Format::json && std::ranges::find(own, options.fields[i]) == std::end(own))
      reader.fail(item_of("fields", i),
                  fmt::format("a message has no field \"{}\": its own are {}; others are members of a JSON object, with "
                              "`format: json`",
                              options.fields[i], fmt::join(own, ", ")));
  if (!options.dead_letter.empty() && options.guarantee != Guarantee::at_least_once)
    reader.fail("dead-letter", "only `guarantee: at-least-once` knows which messages failed: leave `dead-letter` out");
  check_topic(reader, "dead-letter", options.dead_letter);
  check_dead_letter(reader, component, options);
  if (reader.error()) return *reader.error();
  auto& properties = options.connection.properties;
  properties["group.id"] = options.group;
  // The mock holds a fetch for the whole time even if there is something.
  if (options.connection.embedded) properties.try_emplace("fetch.wait.max.ms", "10");
  // Who stops at the end has to know that it is there: a transaction's marks have offsets, and are never seen.
  if (options.until_end) properties["enable.partition.eof"] = "true";
  // Whatever else is asked of a broker waits for as long as a fetch without messages.
  properties.try_emplace("fetch.wait.max.ms", "100");
  // A client that ends waits for its last requests so long: one minute, if it was for librdkafka.
  properties.try_emplace("socket.timeout.ms", "10000");
  properties.try_emplace("reconnect.backoff.max.ms", "2000");
  properties.try_emplace("fetch.error.backoff.ms", "100");
  return options;
}

Result<SinkOptions> read_sink_options(const topology::Component& component, std::int64_t message_timeout, bool resolve) {
  Value given = component.options;
  if (resolve)
    if (auto error = topology::resolve_secrets(given)) return *error;
  Reader reader(given);
  SinkOptions options;
  read_connection(reader, given, Makes::producer, options.connection);
  options.topic = reader.text("topic");
  check_topic(reader, "topic", options.topic);
  options.topic_field = reader.text("topic-field");
  if (options.topic.empty() == options.topic_field.empty())
    reader.fail("topic", "it writes either to a `topic` or to the one that a `topic-field` names: give one of them");
  options.key = reader.text("key");
  options.value = reader.text("value");
  options.headers = reader.text("headers");
  options.partition = reader.text("partition");
  reader.choice("guarantee", kDeliveries, options.acked);
  if (reader.error()) return *reader.error();
  auto& properties = options.connection.properties;
  // A record that is late fails with the broker's reason before its tree times out without one.
  if (message_timeout > 0 && !properties.contains("delivery.timeout.ms"))  // the same by another name
    properties.try_emplace("message.timeout.ms", std::to_string(std::max<std::int64_t>(1000, message_timeout * 8 / 10)));
  properties.try_emplace("queue.buffering.max.kbytes", "32768");
  // So many are enough for a request: without the bound, 10,000 trees of one record each would wait for the time.
  if (!properties.contains("queue.buffering.max.ms")) properties.try_emplace("linger.ms", "3");
  properties.try_emplace("batch.num.messages", "2000");
  properties.try_emplace("reconnect.backoff.max.ms", "2000");
  return options;
}

}  // namespace sparse::kafka
