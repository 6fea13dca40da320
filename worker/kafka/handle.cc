// Properties, logs, errors and metadata of librdkafka's clients.
#include "worker/kafka/handle.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "core/base/clock.h"
#include "core/base/nearest.h"
#include "core/config/secrets.h"
#include "worker/kafka/advice.h"

namespace sparse::kafka {
namespace {

constexpr Nanoseconds kSameAgain = 10 * kSecond;
constexpr std::size_t kRemembered = 16;  // one for each broker and what is wrong with it

using Conf = std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)>;

Result<bool> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 512> text{};
  switch (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size())) {
    case RD_KAFKA_CONF_OK: return true;
    case RD_KAFKA_CONF_UNKNOWN: {
      const std::string meant = nearest(name, known_properties());
      return Error{fmt::format("librdkafka has no property \"{}\"{}", name,
                               meant.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", meant)),
                   "properties." + name};
    }
    case RD_KAFKA_CONF_INVALID: break;
  }
  // librdkafka's own words show the value, and some end with a newline.
  std::string_view why(text.data());
  why = why.substr(0, why.find_last_not_of("\n ") + 1);
  return Error{is_secret_name(name) ? fmt::format("librdkafka does not take this value for the property \"{}\"", name)
                                    : fmt::format("the property \"{}\": {}", name, why),
               "properties." + name};
}

std::string described(rd_kafka_resp_err_t error) {
  return fmt::format("{} ({})", rd_kafka_err2str(error), rd_kafka_err2name(error));
}

Level level_of(int syslog) {
  return syslog <= 3 ? Level::error : syslog == 4 ? Level::warn : syslog <= 6 ? Level::info : Level::debug;
}

}  // namespace

// Aliases, and whose a property is, are only in the table that the library prints: `NAME | C | …`.
const std::vector<Property>& property_table() {
  static const std::vector<Property> table = [] {
    std::vector<Property> read;
    std::array<char*, 1> text{};
    std::size_t size = 0;
    std::FILE* const file = ::open_memstream(text.data(), &size);
    if (!file) return read;
    rd_kafka_conf_properties_show(file);
    std::fclose(file);
    const std::unique_ptr<char, decltype(&std::free)> owned(text[0], &std::free);
    std::istringstream lines(std::string(text[0], size));
    constexpr std::string_view alias = "Alias for `";
    std::string line, name, bar, whose;
    while (std::getline(lines, line)) {
      std::istringstream words(line);
      if (!(words >> name >> bar >> whose) || bar != "|" || (whose != "*" && whose != "C" && whose != "P")) continue;
      Property property{.name = name, .whose = whose[0]};
      if (const std::size_t at = line.find(alias); at != line.npos)
        property.alias_of = line.substr(at + alias.size(), line.find('`', at + alias.size()) - at - alias.size());
      if (std::ranges::find(read, name, &Property::name) == read.end()) read.push_back(std::move(property));
    }
    return read;
  }();
  return table;
}

std::vector<std::string> known_properties() {
  std::vector<std::string> names;
  for (const Property& each : property_table()) names.push_back(each.name);
  return names;
}

std::set<std::string> properties_of_only(Handle::Kind kind) {
  std::set<std::string> names;
  for (const Property& each : property_table())
    if (each.whose == (kind == Handle::Kind::consumer ? 'C' : 'P')) names.insert(each.name);
  return names;
}

void keep_those_of(Handle::Kind kind, Properties& properties) {
  const bool reads = kind == Handle::Kind::consumer;
  const std::set<std::string> others = properties_of_only(reads ? Handle::Kind::producer : Handle::Kind::consumer);
  std::erase_if(properties, [&](const auto& each) { return others.contains(each.first); });
}

Result<bool> check_property(const std::string& name, const std::string& value) {
  const Conf conf(rd_kafka_conf_new(), &rd_kafka_conf_destroy);
  return set(conf.get(), name, value);
}

Result<std::unique_ptr<Handle>> Handle::create(Kind kind, const Properties& properties, Report report) {
  Conf conf(rd_kafka_conf_new(), &rd_kafka_conf_destroy);
  if (const auto queued = set(conf.get(), "log.queue", "true"); !queued) return queued.error();
  for (const auto& [name, value] : properties)
    if (const auto done = set(conf.get(), name, value); !done) return done.error();
  // No callbacks: everything comes as an event, in `poll`.
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_DR |
                                           RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_STATS);
  std::unique_ptr<Handle> made(new Handle(std::move(report)));
  std::array<char, 512> text{};
  made->client_ =
      rd_kafka_new(kind == Kind::consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf.get(), text.data(), text.size());
  if (!made->client_) return Error{fmt::format("librdkafka cannot make a client: {}", text.data())};
  static_cast<void>(conf.release());  // it is the client's now
  made->queue_ = rd_kafka_queue_get_main(made->client_);
  rd_kafka_set_log_queue(made->client_, made->queue_);
  return made;
}

Handle::~Handle() {
  if (queue_) rd_kafka_queue_destroy(queue_);
  if (client_) rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void Handle::tell(Level level, std::string_view text) {
  const Nanoseconds now = SystemClock().now();
  const auto again = std::ranges::find(told_, text, &Told::text);
  if (again == told_.end()) {
    if (told_.size() >= kRemembered) told_.pop_front();
    told_.push_back({.text = std::string(text), .at = now});
    if (report_) report_(level, text);
  } else if (now - again->at < kSameAgain) {
    ++again->swallowed;
  } else {
    again->at = now;
    const std::uint64_t times = std::exchange(again->swallowed, 0);
    if (report_) report_(level, times == 0 ? std::string(text) : fmt::format("{} (and {} times since it was said)", text, times));
  }
}

// What matters of the client's log comes as an error, too.
void Handle::on_log(rd_kafka_op_s& event) {
  const char *facility = "", *line = "";
  int level = 7;
  if (rd_kafka_event_log(&event, &facility, &line, &level) != 0) return;
  const std::string_view of(facility), text(line);
  if (of == "FAIL" || of == "ERROR") return;
  if (of == "CONFWARN" && text.find("auto.commit.enable") != text.npos) return;  // sparse has to set it
  tell(std::min(level_of(level), Level::warn), fmt::format("Kafka: {} ({})", text, of));
}

void Handle::on_error(rd_kafka_op_s& event) {
  rd_kafka_event_t* const of = &event;
  std::string why = rd_kafka_event_error_string(of);
  if (rd_kafka_event_error_is_fatal(of)) {
    broken_ = true;
    std::array<char, 512> text{};
    if (rd_kafka_fatal_error(client_, text.data(), text.size()) != RD_KAFKA_RESP_ERR_NO_ERROR) why = text.data();
    return tell(Level::error, fmt::format("Kafka: fatal: {}", why));
  }
  const auto error = rd_kafka_event_error(of);
  // It follows the errors of the brokers, and knows less.
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !last_error_.empty()) return;
  why.resize(std::min(why.size(), why.find(" (after ")));  // times, which make the same look different
  last_error_ = fmt::format("{} ({})", why, rd_kafka_err2name(error));
  tell(Level::error, with_advice(fmt::format("Kafka: {}; sparse keeps trying", last_error_), last_error_));
}

bool Handle::poll_owned(std::chrono::milliseconds at_most,
                        const std::function<void(const std::shared_ptr<rd_kafka_event_t>&)>& other) {
  const std::shared_ptr<rd_kafka_event_t> owned(rd_kafka_queue_poll(queue_, static_cast<int>(at_most.count())),
                                                [](rd_kafka_event_t* event) {
                                                  if (event) rd_kafka_event_destroy(event);
                                                });
  rd_kafka_event_t* const event = owned.get();
  if (!event) return false;
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_LOG: on_log(*event); break;
    case RD_KAFKA_EVENT_ERROR: on_error(*event); break;
    case RD_KAFKA_EVENT_STATS: break;
    default: other(owned);
  }
  return true;
}

void Handle::interrupt() { rd_kafka_queue_yield(queue_); }

int Handle::ask(rd_kafka_topic_s* topic, bool all, std::chrono::milliseconds at_most, std::vector<TopicInfo>& found) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(client_, all ? 1 : 0, topic, &metadata, static_cast<int>(at_most.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& each = metadata->topics[i];
    TopicInfo info{.name = each.topic, .partitions = each.partition_cnt};
    if (each.err != RD_KAFKA_RESP_ERR_NO_ERROR) info.failure = {.code = each.err, .text = described(each.err)};
    for (int k = each.partition_cnt - 1; k >= 0; --k)
      if (each.partitions[k].leader < 0) info.leaderless = each.partitions[k].id;
    found.push_back(std::move(info));
  }
  rd_kafka_metadata_destroy(metadata);
  return error;
}

Result<std::vector<TopicInfo>> Handle::topics(const std::vector<std::string>& names, std::chrono::milliseconds at_most) {
  std::vector<TopicInfo> found;
  int error = kNoError;
  if (names.empty()) error = ask(nullptr, true, at_most, found);
  for (const std::string& name : names) {
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client_, name.c_str(), nullptr);
    error = topic ? ask(topic, false, at_most, found) : rd_kafka_last_error();
    if (topic) rd_kafka_topic_destroy(topic);
    if (error != kNoError) break;
  }
  return answer(error, std::move(found));
}

Result<std::vector<TopicInfo>> Handle::own_topics(std::chrono::milliseconds at_most) {
  std::vector<TopicInfo> found;
  const int error = ask(nullptr, false, at_most, found);
  return answer(error, std::move(found));
}

Result<std::vector<TopicInfo>> Handle::answer(int error, std::vector<TopicInfo> found) {
  if (error != kNoError) return Error{described(static_cast<rd_kafka_resp_err_t>(error))};
  last_error_.clear();
  return found;
}

}  // namespace sparse::kafka
