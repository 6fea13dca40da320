// One consumer for all spout tasks of a worker with the same properties and group: finds their partitions, commits their offsets.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "worker/kafka/consumer.h"
#include "worker/kafka/position.h"
#include "worker/kafka/wake_fd.h"

namespace sparse::kafka {

/// A partition that a task is to read from now on; instead of what it read of it before, if it did. Without a reader its topic is
/// gone: the task forgets what it has of it, and asks for a restart.
struct Assignment {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t start = 0;        ///< the offset at which reading begins
  std::int64_t end = kNoOffset;  ///< what was the end when the task came, for `until: end`
  std::unique_ptr<PartitionReader> reader;
};

using Place = std::pair<std::string, std::int32_t>;  ///< a topic's partition

struct CommitReport {
  std::vector<PartitionOffset> offsets;
  Nanoseconds took = 0;
};

/// What a task and the hub have to tell each other. Thread-safe.
class Membership {
 public:
  Membership(std::uint32_t index_, std::uint32_t tasks_, std::int64_t task_, SpoutOptions options_, Report report)
      : index(index_), tasks(tasks_), task(task_), options(std::move(options_)), report_(std::move(report)) {}

  const std::uint32_t index, tasks;
  const std::int64_t task;
  const SpoutOptions options;
  const WakeFd wake;

  // By the task.
  bool has_news() const { return news_.load(std::memory_order_acquire); }
  std::vector<Assignment> take_assigned();
  std::vector<CommitReport> take_commits();
  /// Why the task has to stop; empty: it has not.
  std::string stop_reason() const;
  /// All topics were there, and all partitions have been given out, once at least.
  bool is_complete() const { return complete_.load(); }
  std::string state() const;
  /// When the message was written that was read last, in milliseconds since 1970.
  void saw(const std::string& topic, std::int32_t partition, std::int64_t time);

  // By the hub.
  std::map<Place, std::int64_t> seen() const;
  void assign(Assignment assignment);
  void committed(CommitReport report);
  void stop(std::string reason);
  void set_complete() { complete_.store(true); }
  /// What is wrong at the moment, for people; empty: nothing. Told once.
  void set_state(std::string state);
  void report(Level level, std::string_view text);
  void leave();

 private:
  void tell() {
    news_.store(true, std::memory_order_release);
    wake.wake();
  }

  mutable std::mutex mutex_;
  Report report_;
  std::vector<Assignment> assigned_;
  std::vector<CommitReport> commits_;
  std::map<Place, std::int64_t> seen_;
  std::string stop_reason_, state_;
  std::atomic<bool> news_{false}, complete_{false};
};

/// Has a thread of its own, which alone waits for brokers.
class ConsumerHub {
 public:
  /// `prefetch`: KiB that it fetches ahead, shared by all partitions.
  /// `topology_id`: of this run alone.
  static Result<std::shared_ptr<ConsumerHub>> create(Properties properties, std::int64_t prefetch, std::string topology_id);
  ~ConsumerHub();
  ConsumerHub(const ConsumerHub&) = delete;
  ConsumerHub& operator=(const ConsumerHub&) = delete;

  std::shared_ptr<Membership> join(std::uint32_t index, std::uint32_t tasks, std::int64_t task, SpoutOptions options,
                                   Report report);
  /// Positions to commit, soon.
  void commit(const Membership& member, const std::vector<PartitionOffset>& positions);
  /// The task has no reader of the partition any more, and wants one: at this offset or the nearest that is there, or where the
  /// group stands. (librdkafka does not survive two readers.)
  void restart(const Membership& member, const std::string& topic, std::int32_t partition, std::optional<std::int64_t> offset);
  /// The partition's queue is empty, and there is more on the broker: librdkafka may sleep up to a second after it was full.
  void nudge(const std::string& topic, std::int32_t partition);
  /// Commits what was given to `commit`, waiting at most this long, and forgets the member. True if all of it is committed.
  bool leave(const std::shared_ptr<Membership>& member, Nanoseconds at_most);
  /// By the first member that is there: the client is everybody's.
  void report(Level level, std::string_view text) const;

 private:
  struct Pending {
    std::int64_t offset = 0;
    std::int64_t task = 0;
  };

  /// The first offset of a log that is at or after a time.
  struct Witness {
    std::int64_t time = 0, first = 0;
  };
  struct Watched {
    Membership* member = nullptr;
    Place place;
  };
  /// A partition that was taken: as which attempt, and what the group was seen to keep of it last.
  struct Claim {
    std::uint64_t attempt = 1;
    std::int64_t offset = kNoOffset;  ///< kNoOffset: nothing of this run yet
    std::int64_t task = 0;
  };
  /// What the thread knows of a member.
  struct Given {
    std::set<Place> places;               ///< that it reads
    std::set<Place> leaving;              ///< of these, whose topics are gone: the task has still to let go
    std::set<Place> before;               ///< that it has read at some time
    std::set<Place> anew;                 ///< to be read from the first message, whatever the group keeps
    std::map<Place, Witness> witnesses;   ///< of the log that it reads
    std::map<std::string, int> at_first;  ///< topics when it came, with their partitions
    bool has_looked = false;
    std::string problem;  ///< why not all is given
  };
  /// What brokers said of the topics, asked once for all who want to know.
  struct Looked {
    std::optional<std::vector<TopicInfo>> topics;
    std::string problem;
    bool has_looked = false;
  };
  struct Wanted {
    Membership* member = nullptr;
    Place place;
    std::optional<std::int64_t> offset = {};  ///< absent: where the group stands
  };
  struct Restart {
    std::shared_ptr<Membership> member;
    Place place;
    std::optional<std::int64_t> offset = {};
  };

  ConsumerHub(Properties properties, std::int64_t prefetch, std::string topology_id)
      : properties_(std::move(properties)), prefetch_(prefetch), topology_id_(std::move(topology_id)) {}
  Result<std::unique_ptr<Consumer>> make(std::size_t partitions);
  void fit(std::size_t partitions);
  void interrupt();
  void run();
  void refresh();
  std::optional<std::vector<TopicInfo>> topics_of(const Membership& member, std::string& problem);
  void find_new(Membership& member, const std::vector<TopicInfo>& topics, std::vector<Wanted>& wanted);
  void take_back(Membership& member, const std::vector<TopicInfo>& topics);
  void look_for_replaced();
  bool is_replaced(const Watched& watched, std::int64_t time, std::int64_t first);
  void begin_anew(const std::string& topic);
  void give(const std::vector<Wanted>& wanted);
  Result<bool> start(const Wanted& wanted, std::int64_t offset, const Watermarks& marks);
  Result<std::vector<std::int64_t>> offsets_of(const std::vector<Wanted>& wanted, const std::vector<PartitionOffset>& committed,
                                               const std::vector<Watermarks>& marks);
  std::int64_t next_there(const Wanted& wanted, std::int64_t offset, const Watermarks& marks);
  bool is_read_by_another(const Wanted& wanted) const;
  bool is_its_own(const Membership& member, const Place& place) const;
  bool reads(std::int64_t task, const Place& place) const;
  std::string unreachable(std::string_view why) const;
  Identity identity_at(const Place& place) const;
  bool claim(const PartitionOffset& committed, std::int64_t task);
  void look_for_others(Nanoseconds at_least);
  void recommit(const PartitionOffset& found, Standing standing);
  void stop_for(const PartitionOffset& found);
  void serve_restarts();
  void serve_nudges();
  void start_commit();
  void on_committed(const std::vector<PartitionOffset>& outcome);
  std::vector<std::shared_ptr<Membership>> members() const;

  const SystemClock clock_;
  const Properties properties_;
  const std::int64_t prefetch_;
  const std::string topology_id_;

  mutable std::mutex mutex_;
  std::unique_ptr<Consumer> consumer_;  ///< replaced by the thread alone, under the lock
  std::condition_variable commit_done_;
  std::vector<std::shared_ptr<Membership>> members_;
  std::map<Place, Pending> pending_;    ///< to be committed
  std::map<Place, Pending> in_flight_;  ///< being committed
  std::vector<Restart> restarts_;
  std::set<Place> nudges_;
  Nanoseconds refresh_at_ = 0, commit_at_ = 0;
  bool stopping_ = false;

  // The thread's own.
  std::map<const Membership*, Given> given_;
  std::size_t planned_ = 0;  ///< the partitions among which the prefetching is shared
  bool reads_ = false;
  Nanoseconds commit_started_ = 0;
  bool commits_fail_ = false;  ///< told
  std::map<Place, Claim> claims_;
  Nanoseconds looked_at_ = 0;  ///< for others who commit
  std::optional<Nanoseconds> others_told_at_;
  bool superseded_ = false;  ///< nothing is read or committed any more

  std::jthread thread_;
};

}  // namespace sparse::kafka
