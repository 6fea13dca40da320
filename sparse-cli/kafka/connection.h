// From the options of a verb to a client that has reached its brokers, with errors that a person can act on.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "sparse-cli/kafka/arguments.h"
#include "sparse-cli/signals.h"
#include "worker/kafka/consumer.h"
#include "worker/kafka/producer.h"

namespace sparse::cli {

inline constexpr int kFailed = 1, kUsage = 2, kUnreachable = 4, kNotPermitted = 5;

/// Why a verb ends, and with what exit code.
struct Stopped {
  int exit_code = kFailed;
  std::string message = {};
};

/// What a verb and its clients have to say, on stderr. Copies share what they know. One thread.
class Talk {
 public:
  explicit Talk(std::string verb);
  void say(std::string_view text) const;   ///< `sparse kafka VERB: text`
  int stop(const Stopped& stopped) const;  ///< says why and returns the exit code
  /// What clients get. Until `loud`, errors are only remembered; debug lines are shown if `debug` was asked for.
  kafka::Report report() const;
  void be_loud() const;
  void show_debug() const;
  /// The last error that a client told; empty: none.
  const std::string& last_error() const;
  void forget_error() const;

 private:
  struct State {
    std::string verb, last_error;
    bool loud = false, debug = false;
  };
  std::shared_ptr<State> state_;
};

/// librdkafka's properties; each checked, secrets never in the error.
Result<kafka::Properties> properties_of(const KafkaConnection& connection, kafka::Properties defaults = {});

/// What to do about an error of a client; empty if nothing is known. Pure.
std::string remedy_for(std::string_view error);
/// 5 if the brokers refused who we are, else 4. Pure.
int exit_code_for(std::string_view error);
/// librdkafka's words without its prefix and its suffix on what happens next. Pure.
std::string bare_error(std::string_view error);

/// Both kinds of client, as far as finding topics goes.
struct Asking {
  std::function<Result<std::vector<kafka::TopicInfo>>(const std::vector<std::string>&, std::chrono::milliseconds)> topics;
  std::function<void()> serve;  ///< takes what the client has to tell, without waiting
};
Asking asking(kafka::Consumer& client);
Asking asking(kafka::Producer& client, std::function<void(const kafka::Delivery&)> delivered = {});

struct Wanted {
  std::string brokers, topic;
  double timeout = 10;
  bool may_be_created = false;  ///< asking may make the brokers create it, which takes a moment
};
/// How many partitions the topic has, when the brokers have said so; or why that is not to be known.
struct Found {
  int partitions = 0;
  std::optional<Stopped> stopped = {};
};
Found find_topic(const Asking& client, const Wanted& wanted, const Talk& talk, const StopSignals& signals);
/// All topics of the cluster.
struct FoundAll {
  std::vector<kafka::TopicInfo> topics = {};
  std::optional<Stopped> stopped = {};
};
FoundAll find_topics(const Asking& client, const Wanted& wanted, const Talk& talk, const StopSignals& signals);

}  // namespace sparse::cli
