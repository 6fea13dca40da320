#include "sparse-cli/kafka/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <boost/algorithm/string/replace.hpp>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "core/base/clock.h"
#include "core/base/nearest.h"
#include "sparse-cli/kafka/words.h"
#include "worker/kafka/advice.h"

namespace sparse::cli {
namespace {

constexpr std::chrono::milliseconds kAskFor{500};
constexpr Nanoseconds kCreatingFor = 5 * kSecond;
constexpr Nanoseconds kQuietFor = 2 * kSecond;

constexpr int kTopicNotPermitted = 29, kBadTopicName = 17, kUnknownHere = -188;

bool unknown(const kafka::TopicInfo& topic) {
  return topic.failure.code == kafka::kUnknownTopic || topic.failure.code == kUnknownHere;
}

Stopped unreachable(const Wanted& wanted, const std::string& error) {
  const std::string why = bare_error(error), remedy = remedy_for(error);
  const int code = exit_code_for(error);
  const std::string what = code == kNotPermitted
                               ? fmt::format("the brokers at {} refuse", wanted.brokers)
                               : fmt::format("no broker of {} answered within {:g} s", wanted.brokers, wanted.timeout);
  return {code, fmt::format("{}{}{}{}", what, why.empty() ? "" : ": ", why, remedy.empty() ? "" : "\n  " + remedy)};
}

Stopped missing(const Asking& client, const Wanted& wanted) {
  std::vector<std::string> names;
  if (const auto all = client.topics({}, kAskFor * 4))
    for (const kafka::TopicInfo& each : *all)
      if (!each.name.starts_with("__")) names.push_back(each.name);
  const std::string meant = nearest(wanted.topic, names);
  const std::string hint = !meant.empty()  ? fmt::format("did you mean \"{}\"?", meant)
                           : names.empty() ? std::string("they have no topics at all")
                                           : fmt::format("they have {} other topics", names.size());
  return {kFailed, fmt::format("the brokers at {} have no topic \"{}\": {}{}", wanted.brokers, wanted.topic, hint,
                               wanted.may_be_created ? "\n  They do not create topics by themselves: create it first" : "")};
}

/// Where a topology file has options, the command line has these.
std::string in_words_of_the_command(std::string text) {
  boost::replace_all(text, "`brokers`", "-b");
  boost::replace_all(text, "in `properties`", "(-X, or --properties FILE)");
  return text;
}

/// Asks until there is an answer, the time is over, or somebody wants it to stop.
class Patience {
 public:
  Patience(const Asking& client, const Wanted& wanted, const Talk& talk, const StopSignals& signals)
      : client_(client), wanted_(wanted), talk_(talk), signals_(signals), start_(SystemClock().now()) {}

  /// `decide` takes what the brokers say, and true ends it.
  std::optional<Stopped> ask(const std::vector<std::string>& names,
                             const std::function<bool(std::vector<kafka::TopicInfo>&, Nanoseconds)>& decide) {
    while (true) {
      if (signals_.asked() > 0) return Stopped{kFailed, "stopped before a broker answered"};
      const Nanoseconds elapsed = SystemClock().now() - start_;
      auto answer = client_.topics(names, kAskFor);
      client_.serve();
      if (answer && decide(*answer, elapsed)) return std::nullopt;
      if (answer) answered_ = true;
      if (!talk_.last_error().empty() && exit_code_for(talk_.last_error()) == kNotPermitted)
        return unreachable(wanted_, talk_.last_error());
      if (elapsed > static_cast<Nanoseconds>(wanted_.timeout * static_cast<double>(kSecond))) {
        if (answered_)
          return Stopped{kUnreachable, fmt::format("topic {} at {} is not ready after {:g} s: it has no leader", wanted_.topic,
                                                   wanted_.brokers, wanted_.timeout)};
        return unreachable(wanted_, talk_.last_error().empty() && !answer ? answer.error().message : talk_.last_error());
      }
      if (!told_ && elapsed > kQuietFor && !answered_) {
        const std::string why = bare_error(talk_.last_error());
        talk_.say(fmt::format("trying to reach {}{}", wanted_.brokers, why.empty() ? ": no answer yet" : ": " + why));
        told_ = true;
      }
      if (answer) ::poll(nullptr, 0, 50);
    }
  }

 private:
  const Asking& client_;
  const Wanted& wanted_;
  const Talk& talk_;
  const StopSignals& signals_;
  Nanoseconds start_;
  bool answered_ = false, told_ = false;
};

}  // namespace

Talk::Talk(std::string verb) : state_(std::make_shared<State>(State{.verb = std::move(verb), .last_error = {}})) {}

void Talk::say(std::string_view text) const { fmt::print(stderr, "sparse kafka {}: {}\n", state_->verb, text); }

int Talk::stop(const Stopped& stopped) const {
  if (!stopped.message.empty()) say(stopped.message);
  return stopped.exit_code;
}

kafka::Report Talk::report() const {
  return [state = state_](Level level, std::string_view text) {
    const bool matters = level == Level::warn || level == Level::error;
    // That all are down says less than why one of them is.
    const bool summary = text.find("_ALL_BROKERS_DOWN") != std::string_view::npos && !state->last_error.empty();
    if (level == Level::error && !summary) state->last_error = text;
    if ((matters && state->loud) || state->debug)
      fmt::print(stderr, "sparse kafka {}: {}\n", state->verb, in_words_of_the_command(std::string(text)));
  };
}

void Talk::be_loud() const { state_->loud = true; }
void Talk::show_debug() const { state_->debug = true; }
const std::string& Talk::last_error() const { return state_->last_error; }
void Talk::forget_error() const { state_->last_error.clear(); }

Result<kafka::Properties> properties_of(const KafkaConnection& connection, kafka::Properties defaults) {
  if (const auto right = check_brokers(connection.brokers); !right) return right.error();
  kafka::Properties given;
  if (!connection.properties_file.empty()) {
    // It may be a pipe, as in --properties <(…).
    std::ifstream in(connection.properties_file, std::ios::binary);
    std::ostringstream text;
    if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
    if (!in.is_open() || in.bad() || text.bad()) return Error{fmt::format("{} cannot be read", connection.properties_file)};
    if (const auto added = add_properties(text.str(), connection.properties_file, given); !added) return added.error();
  }
  for (const std::string& word : connection.properties)
    if (word.starts_with("bootstrap.servers=") || word.starts_with("metadata.broker.list="))
      return Error{fmt::format("-X {}: -b names the brokers", word)};
  for (const std::string& word : connection.properties)
    if (const auto added = add_property(word, given); !added) return added.error();
  for (const auto& [name, value] : given)
    if (const auto right = kafka::check_property(name, value); !right) return right.error();
  given["bootstrap.servers"] = connection.brokers;
  given.merge(defaults);
  // A broker that comes back is found soon.
  given.try_emplace("reconnect.backoff.max.ms", "2000");
  return given;
}

std::string bare_error(std::string_view error) {
  if (error.starts_with("Kafka: ")) error.remove_prefix(7);
  return std::string(error.substr(0, error.find("; sparse keeps trying")));
}

std::string remedy_for(std::string_view error) {
  std::string remedy = in_words_of_the_command(std::string(kafka::advice_for(error)));
  if (!remedy.empty()) remedy[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(remedy[0])));
  return remedy;
}

int exit_code_for(std::string_view error) {
  return error.find("_AUTHENTICATION") != std::string_view::npos ? kNotPermitted : kUnreachable;
}

Asking asking(kafka::Consumer& client) {
  return {.topics = [&client](const auto& names, auto at_most) { return client.topics(names, at_most); },
          .serve =
              [&client] {
                for (int i = 0; i < 100; ++i) client.poll(std::chrono::milliseconds(0));
              }};
}

Asking asking(kafka::Producer& client, std::function<void(const kafka::Delivery&)> delivered) {
  return {.topics = [&client](const auto& names, auto at_most) { return client.topics(names, at_most); },
          .serve =
              [&client, delivered = std::move(delivered)] {
                const auto take = [&](const kafka::Delivery& delivery) {
                  if (delivered) delivered(delivery);
                };
                while (client.poll(std::chrono::milliseconds(0), take)) continue;
              }};
}

Found find_topic(const Asking& client, const Wanted& wanted, const Talk& talk, const StopSignals& signals) {
  if (const auto named = check_topic_name(wanted.topic); !named) return {.stopped = Stopped{kUsage, named.error().message}};
  Found found;
  const auto decide = [&](std::vector<kafka::TopicInfo>& topics, Nanoseconds elapsed) {
    if (topics.empty()) return false;
    const kafka::TopicInfo& topic = topics.front();
    if (topic.failure.code == kafka::kNoError && topic.partitions > 0) {
      found.partitions = topic.partitions;
    } else if (topic.failure.code == kTopicNotPermitted) {
      found.stopped = Stopped{kNotPermitted, fmt::format("topic {} at {}: {}\n  Ask for the right to it, or check sasl.username",
                                                         wanted.topic, wanted.brokers, topic.failure.text)};
    } else if (topic.failure.code == kBadTopicName) {
      found.stopped = Stopped{kFailed, fmt::format("topic {} at {}: {}", wanted.topic, wanted.brokers, topic.failure.text)};
    } else if (unknown(topic) && (!wanted.may_be_created || elapsed > kCreatingFor)) {
      found.stopped = missing(client, wanted);
    } else {
      return false;  // it is being created, or has no leader yet
    }
    return true;
  };
  if (auto stopped = Patience(client, wanted, talk, signals).ask({wanted.topic}, decide)) found.stopped = std::move(stopped);
  return found;
}

FoundAll find_topics(const Asking& client, const Wanted& wanted, const Talk& talk, const StopSignals& signals) {
  FoundAll found;
  const auto take = [&](std::vector<kafka::TopicInfo>& topics, Nanoseconds) {
    found.topics = std::move(topics);
    return true;
  };
  found.stopped = Patience(client, wanted, talk, signals).ask({}, take);
  return found;
}

}  // namespace sparse::cli
