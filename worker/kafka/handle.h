// A librdkafka client of either kind: made from properties, and asked for what it has to tell. Consumer and Producer are built on
// it.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <sparse/sdk.h>

#include "core/base/result.h"

struct rd_kafka_s;
struct rd_kafka_topic_s;
struct rd_kafka_queue_s;
struct rd_kafka_op_s;

namespace sparse::kafka {

/// librdkafka's own properties, with secrets in plain text: never to be logged or shown.
using Properties = std::map<std::string, std::string, std::less<>>;

/// Where a client's talk goes. Any thread.
using Report = std::function<void(Level, std::string_view)>;

/// What went wrong, in words that name the broker, the topic and the partition as far as they are known.
struct Failure {
  int code = 0;  ///< librdkafka's
  std::string text = {};
  bool fatal = false;      ///< the client is of no more use
  bool transient = false;  ///< librdkafka tries again by itself, or it is worth trying again
  bool refused = false;    ///< the record itself is not taken: the same one would be refused again
};

/// Codes that decisions depend on, by librdkafka's numbers.
inline constexpr int kNoError = 0;
inline constexpr int kOffsetOutOfRange = 1;
inline constexpr int kUnknownTopic = 3;
inline constexpr int kQueueFull = -184;
inline constexpr int kRecordTimedOut = -192;  ///< it was not delivered in time
inline constexpr int kPartitionEnd = -191;    ///< no error: all that is there was read; told if `enable.partition.eof` is set

/// What a topic is like, by the cluster's metadata.
struct TopicInfo {
  std::string name;
  int partitions = 0;
  Failure failure = {};  ///< why nothing is known of it
  int leaderless = -1;   ///< a partition that no broker leads at the moment; -1: none
};

/// A property of librdkafka.
struct Property {
  std::string name;
  char whose = '*';           ///< `C`: consumers' alone, `P`: producers' alone
  std::string alias_of = {};  ///< another name for the same; empty: this is its own
};
/// All properties that this librdkafka knows, aliases included.
const std::vector<Property>& property_table();
std::vector<std::string> known_properties();
/// What is wrong with a property, if anything: an unknown name, or a value that it cannot have. Never shows a secret.
Result<bool> check_property(const std::string& name, const std::string& value);

class Handle {
 public:
  enum class Kind { consumer, producer };
  static Result<std::unique_ptr<Handle>> create(Kind kind, const Properties& properties, Report report);
  ~Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  /// Blocks. Of all topics if `names` is empty. Asking for a topic may create it, where brokers do that.
  Result<std::vector<TopicInfo>> topics(const std::vector<std::string>& names, std::chrono::milliseconds at_most);
  /// The same, of those that this client has to do with.
  Result<std::vector<TopicInfo>> own_topics(std::chrono::milliseconds at_most);

  /// Takes what the client has to tell, waiting at most this long for the first; logs and errors are reported, the rest is given
  /// to `other`. True if there was anything. One thread at a time.
  bool poll(std::chrono::milliseconds at_most, const std::function<void(rd_kafka_op_s&)>& other) {
    return poll_owned(at_most, [&](const std::shared_ptr<rd_kafka_op_s>& event) {
      if (other) other(*event);
    });
  }
  /// The same; `other` may keep what it is given, which has to go before the client does.
  bool poll_owned(std::chrono::milliseconds at_most, const std::function<void(const std::shared_ptr<rd_kafka_op_s>&)>& other);
  /// Ends a poll of another thread.
  void interrupt();
  /// Why no broker could be reached, as `poll` has heard it since `topics` had an answer; empty: unknown.
  const std::string& last_error() const { return last_error_; }
  /// A broker has answered: what was heard before is over.
  void forget_error() { last_error_.clear(); }
  /// A fatal error came: the client has to be replaced.
  bool broken() const { return broken_; }

  rd_kafka_s* get() const { return client_; }
  rd_kafka_queue_s* queue() const { return queue_; }

 private:
  explicit Handle(Report report) : report_(std::move(report)) {}
  void tell(Level level, std::string_view text);
  int ask(rd_kafka_topic_s* topic, bool all, std::chrono::milliseconds at_most, std::vector<TopicInfo>& found);
  Result<std::vector<TopicInfo>> answer(int error, std::vector<TopicInfo> found);
  void on_error(rd_kafka_op_s& event);
  void on_log(rd_kafka_op_s& event);

  Report report_;
  rd_kafka_s* client_ = nullptr;
  rd_kafka_queue_s* queue_ = nullptr;
  /// What was told lately: what comes again and again is told now and then.
  struct Told {
    std::string text = {};
    std::int64_t at = 0;
    std::uint64_t swallowed = 0;
  };
  std::string last_error_;
  std::deque<Told> told_;
  bool broken_ = false;
};

/// The properties that are for this kind of client alone: the other one complains of them.
std::set<std::string> properties_of_only(Handle::Kind kind);
/// Takes those away.
void keep_those_of(Handle::Kind kind, Properties& properties);

}  // namespace sparse::kafka
